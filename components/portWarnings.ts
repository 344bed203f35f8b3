import { AsyncResource } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";

interface ServiceInputs {
  spec?: { ports?: ServicePort[] };
}

interface ServicePort {
  name?: unknown;
  port?: unknown;
  targetPort?: unknown;
}

/**
 * Warns, in previews too, of a change that fails requests in any order of updates: callers and pods share a Service's
 * ports, and neither the routes nor the pods can change at the same moment. If the warning cannot be given, the change
 * is made all the same.
 *
 * @param name The start of the hook's name.
 * @param app The resource that the warning is logged on.
 * @param isList Whether the ports are those of `service.ports`.
 */
export function portWarnings(name: string, app: pulumi.Resource, isList: boolean): pulumi.ResourceHook {
  // For an inline program (Automation API), the engine calls hooks outside of the program's context, where log messages
  // are lost.
  const warn = AsyncResource.bind(async ({ oldInputs, newInputs }: pulumi.ResourceHookArgs) => {
    const texts = portChanges(oldInputs as ServiceInputs | undefined, newInputs as ServiceInputs | undefined, isList);
    await Promise.allSettled(texts.map((text) => pulumi.log.warn(text, app)));
  });
  return new pulumi.ResourceHook(`${name}-port-warnings`, warn, { onDryRun: true });
}

/** Which requests fail when a Service's ports change, in words. */
export function portChanges(
  before: ServiceInputs | undefined,
  after: ServiceInputs | undefined,
  isList = false,
): string[] {
  const [old, now] = [before?.spec?.ports ?? [], after?.spec?.ports ?? []];
  if (old.length === 1 && now.length === 1) {
    return changesOf(old[0], now[0], isList ? "service.ports[0]" : "service");
  }
  const kept = old.map((port) => now.findIndex((other) => nameOf(other) === nameOf(port)));
  return old.flatMap((port, index) =>
    kept[index] >= 0
      ? changesOf(port, now[kept[index]], isList ? `service.ports[${kept[index]}]` : "service")
      : gone(port, now, isList),
  );
}

/** A port's name in the arguments; in the Service, the port's number follows it. */
function nameOf({ name, port }: ServicePort): string {
  return String(name).replace(new RegExp(`-${String(port)}$`), "");
}

/** Which requests fail when a port is removed; one that is replaced by another of the same number is not removed. */
function gone(port: ServicePort, now: readonly ServicePort[], isList: boolean): string[] {
  const successor = now.findIndex((other) => other.port === port.port);
  if (now.length === 0 || typeof port.port !== "number") {
    return [];
  }
  return successor < 0
    ? [
        `service${isList ? ".ports" : ""} no longer has port ${port.port} (${nameOf(port)}): its callers are not answered`,
      ]
    : changesOf(port, now[successor], isList ? `service.ports[${successor}]` : "service");
}

function changesOf(old: ServicePort, now: ServicePort, path: string): string[] {
  const change = (field: "port" | "targetPort", from: string, to: string, what: string) =>
    typeof old[field] === from && typeof now[field] === to && old[field] !== now[field]
      ? [`${path}.${field} changes from ${String(old[field])} to ${String(now[field])}: ${what}`]
      : [];
  return [
    ...change(
      "port",
      "number",
      "number",
      "requests fail until the routes have followed, for less than a second; callers inside the mesh have to call the new port",
    ),
    ...change(
      "targetPort",
      "number",
      "number",
      "requests fail until the pods of every version that listen on the old one are replaced",
    ),
    ...change(
      "targetPort",
      "number",
      "string",
      "pods of a podSpec whose port has no such name are asked no more; bring versions by image beside them first, and remove them when they have no traffic",
    ),
    ...change(
      "targetPort",
      "string",
      "string",
      "the pods' port has another name, and requests fail while pods with the new one and pods with the old one are there: keep the name",
    ),
  ];
}
