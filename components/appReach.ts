import * as pulumi from "@pulumi/pulumi";
import { type GatewayArgs, PLAIN_HTTP, entryUrl, gateway } from "../traffic/gateway";
import type { Reach } from "../traffic/istioObjects";
import type { RoutedApp } from "../traffic/routing";
import type { Plain } from "../traffic/plain";
import { ServiceProtocol } from "../traffic/protocol";
import { EVERY_HOST, checkReach, routedInside, serversFor } from "../traffic/reach";
import { checkBoolean, checkKnown } from "../validation/kinds";
import type { Findings } from "../validation/problem";
import { isKnown } from "../validation/unknown";
import type { CanaryAppArgs } from "./canaryAppArgs";
import { validated } from "./validated";

/** From where an app is reached, once its gateway is known. */
export interface AppReach {
  /** For its VirtualService. */
  reach: pulumi.Output<Reach>;
  /** The spec of the Gateway object that is made for it; undefined if it has no hosts, or another one's Gateway. */
  ownGateway?: (selector: pulumi.Output<Record<string, string>>) => pulumi.Output<object>;
  /** Where clients outside call it, given the ingress gateway's address. */
  urlAt(address: pulumi.Output<string>): pulumi.Output<string>;
}

/** From where an app is reached, by its arguments. What is known late is checked before it reaches the cluster. */
export function appReach(subject: string, app: string, args: CanaryAppArgs): AppReach {
  const hosts: readonly string[] = args.hosts ?? EVERY_HOST;
  const { use, servers, usedServers } = validated(subject, "", args.gateway ?? {}, (given, findings) => {
    if (args.gateway !== undefined) {
      checkReach({ ...reachingOf(args), gateway: given as Plain<GatewayArgs> }, findings);
    }
  }) as pulumi.Output<Plain<GatewayArgs>>;
  const protocol = args.service?.protocol ?? ServiceProtocol.Http;
  const ports = pulumi.output(servers).apply((given) => given ?? [...PLAIN_HTTP]);
  const entries = pulumi.all([ports, usedServers]).apply(([own, used]) => (used === undefined ? own : serversFor({ hosts, protocol }, used)));
  const rest = { hosts, internal: routedInside({ hosts, internal: args.internal }), protocol };
  const makesGateway = hosts.length > 0 && args.gateway?.use === undefined;
  return {
    reach: pulumi.output(use).apply((shared) => ({ ...rest, gateway: hosts.length === 0 ? undefined : (shared ?? app) })),
    ownGateway: makesGateway ? (selector) => pulumi.all([ports, selector]).apply(([given, labels]) => gateway(given, hosts, labels)) : undefined,
    urlAt: (address) => pulumi.all([entries, address]).apply(([given, at]) => entryUrl(given, at)),
  };
}

/** Records what is wrong with an app's hosts, gateway and protocol beside each other, as far as they are sound by themselves. */
export function checkReaching(args: Plain<CanaryAppArgs>, findings: Findings): void {
  if (args.internal !== undefined && checkKnown(args.internal, findings.field("internal"))) {
    checkBoolean(args.internal, findings.field("internal"));
  }
  const { hosts, protocol, ...rest } = reachingOf(args);
  if (!isPlainHosts(hosts) || !isProtocol(protocol)) {
    return;
  }
  checkReach({ ...rest, hosts, protocol }, findings);
}

/** By which Gateways requests come to an app of this name, as far as that is sound and known before anything is registered. */
export function plainEntrances(app: unknown, { hosts = [...EVERY_HOST], gateway, internal, namespace }: Plain<CanaryAppArgs>): RoutedApp {
  const [use, own] = [isKnown(gateway) ? gateway?.use : gateway, isKnown(namespace) ? (namespace?.name ?? app) : namespace];
  if (typeof app !== "string" || !isPlainHosts(hosts) || !["string", "undefined"].includes(typeof use) || typeof own !== "string") {
    return {};
  }
  return { entrances: { gateway: hosts.length === 0 ? undefined : (use ?? app), internal: routedInside({ hosts, internal }) }, namespace: own };
}

function reachingOf({ hosts = [...EVERY_HOST], gateway: given, internal, service, routes }: Plain<CanaryAppArgs> | CanaryAppArgs): Parameters<typeof checkReach>[0] {
  const protocol = (isKnown(service) ? service?.protocol : undefined) ?? ServiceProtocol.Http;
  return { hosts: hosts as string[], gateway: given as Plain<GatewayArgs> | undefined, internal, protocol, hasRoutes: routes !== undefined && !isEveryRequest(routes) };
}

/** Whether routes say no more than leaving them out does: one route, without any field. */
function isEveryRequest(routes: unknown): boolean {
  const [only, ...others]: unknown[] = Array.isArray(routes) ? routes : [undefined];
  return others.length === 0 && isKnown(only) && typeof only === "object" && only !== null && Object.keys(only).length === 0;
}

function isPlainHosts(hosts: unknown): hosts is string[] {
  return Array.isArray(hosts) && Array.from(hosts).every((host) => typeof host === "string");
}

function isProtocol(protocol: unknown): protocol is ServiceProtocol {
  return (Object.values(ServiceProtocol) as unknown[]).includes(protocol);
}
