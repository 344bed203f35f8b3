import { AsyncResource } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";

interface ServiceInputs {
  spec?: { ports?: { port?: unknown; targetPort?: unknown }[] };
}

/**
 * Warns, in previews too, of a change that no order of updates keeps free of failed requests: a Service has its one
 * port for all callers and pods at once, and neither the routes nor the pods can change in the same moment. A warning
 * that cannot be given does not keep the change from being made.
 *
 * @param name The start of the hook's name.
 * @param app Whom the warning is about.
 */
export function portWarnings(name: string, app: pulumi.Resource): pulumi.ResourceHook {
  // The engine calls hooks from outside of a program that is a function (Automation API), where what is logged reaches
  // nobody.
  const warn = AsyncResource.bind(async ({ oldInputs, newInputs }: pulumi.ResourceHookArgs) => {
    const texts = portChanges(oldInputs as ServiceInputs | undefined, newInputs as ServiceInputs | undefined);
    await Promise.allSettled(texts.map((text) => pulumi.log.warn(text, app)));
  });
  return new pulumi.ResourceHook(`${name}-port-warnings`, warn, { onDryRun: true });
}

/** What fails by a change of a Service's ports, in words. */
export function portChanges(before: ServiceInputs | undefined, after: ServiceInputs | undefined): string[] {
  const [old, now] = [before, after].map((inputs) => inputs?.spec?.ports?.[0]);
  const change = (field: "port" | "targetPort", to: "number" | "string", what: string) => {
    const [from, next] = [old?.[field], now?.[field]];
    return typeof from === "number" && typeof next === to && from !== next
      ? [`service.${field} changes from ${from} to ${next}: ${what}`]
      : [];
  };
  return [
    ...change(
      "port",
      "number",
      "requests fail until the routes have followed, for less than a second; callers inside the mesh have to call the new port",
    ),
    ...change(
      "targetPort",
      "number",
      "requests fail until the pods of every version that listen on the old one are replaced",
    ),
    ...change(
      "targetPort",
      "string",
      "pods of a podSpec whose port has no such name are asked no more; bring versions by image beside them first, and remove them when they have no traffic",
    ),
  ];
}
