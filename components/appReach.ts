import * as pulumi from "@pulumi/pulumi";
import { entryUrl } from "../src/istio/entryUrl";
import { type GatewayArgs, PLAIN_HTTP, gateway } from "../src/istio/gateway";
import type { Reach } from "../src/istio/istioObjects";
import { routesKind } from "../src/istio/protocol";
import { EVERY_HOST, type ReachingArgs, checkReach, routedInside, serversFor } from "../src/istio/reach";
import { EVERY_REQUEST } from "../src/istio/route";
import { serversOfFirst, unroutedPorts } from "../src/istio/servedPorts";
import { type AppPort, SPOKEN_BY_DEFAULT } from "../src/istio/servicePorts";
import type { Warning } from "../src/validation/warning";
import type { CanaryAppArgs } from "./canaryAppArgs";
import { reachingOf } from "./checkReaching";
import { finalServers } from "./finalServers";
import { onceCreated } from "./onceCreated";
import { validated } from "./validated";

/** From where an app can be reached, once its gateway is known. */
export interface AppReach {
  /** The input of its VirtualService. */
  reach: pulumi.Output<Reach>;
  /** The spec of its own Gateway object; undefined if it has no hosts or uses an existing Gateway. */
  ownGateway?: (selector: pulumi.Output<Record<string, string>>) => pulumi.Output<object>;
  /**
   * Where clients outside the cluster call it, given the ingress gateway's address. Unknown in a preview until it is
   * final.
   */
  urlAt(address: pulumi.Output<string>): pulumi.Output<string>;
  /** The ports that no route covers. */
  unrouted: pulumi.Output<Warning[]>;
}

/**
 * From where an app can be reached, according to its arguments. Arguments that become known late are checked before
 * they reach the cluster.
 */
export function appReach(subject: string, app: string, args: CanaryAppArgs, ports: pulumi.Output<AppPort[]>): AppReach {
  const hosts: readonly string[] = args.hosts ?? EVERY_HOST;
  const gatewayArgs: GatewayArgs = args.gateway ?? {};
  const { shareHosts } = gatewayArgs;
  const { spoken = SPOKEN_BY_DEFAULT, ...reaching } = reachingOf(args);
  const { use, servers, usedServers } = validated(subject, "", gatewayArgs, (given, findings) => {
    if (args.gateway !== undefined) {
      checkReach({ ...reaching, spoken, gateway: given } as ReachingArgs, findings);
    }
  });
  const own = pulumi.output(servers).apply((given) => given ?? [...PLAIN_HTTP]);
  const entries = pulumi
    .all([own, usedServers])
    .apply(([given, used]) => (used === undefined ? given : serversFor({ hosts, spoken }, used)));
  const rest = { hosts, internal: routedInside({ hosts, internal: args.internal, shareHosts }) };
  const finalEntries = finalServers(finalServers(entries, args.gateway?.servers), args.gateway?.usedServers);
  // The number of a single port has no bearing on the servers, and may be unknown in a preview.
  const severalPorts = args.service?.ports === undefined ? undefined : onceCreated(ports);
  const makesGateway = hosts.length > 0 && args.gateway?.use === undefined;
  return {
    reach: pulumi
      .output(use)
      .apply((shared) => ({ ...rest, gateway: hosts.length === 0 ? undefined : (shared ?? app) })),
    ownGateway: makesGateway
      ? (selector) => pulumi.all([own, selector]).apply(([given, labels]) => gateway(given, hosts, labels))
      : undefined,
    urlAt: (address) =>
      pulumi
        .all([finalEntries, address, severalPorts])
        .apply(([given, at, all]) => entryUrl(all === undefined ? given : serversOfFirst(given, all), at)),
    unrouted: pulumi
      .all([ports, entries, use, usedServers, args.routes ?? [...EVERY_REQUEST]])
      .apply(([all, given, shared, used, routes]) => {
        const known = shared === undefined || used !== undefined;
        return unroutedPorts({ ...rest, shareHosts, ports: all, servers: known ? given : undefined, routes });
      }),
  };
}

/** Where callers inside the mesh call an app's first port. */
export function urlInside(host: string, [{ port, protocol }]: readonly AppPort[]): string {
  const kind = routesKind(protocol);
  return `${kind}://${host}:${port}`;
}
