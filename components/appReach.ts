import * as pulumi from "@pulumi/pulumi";
import { entryUrl } from "../src/istio/entryUrl";
import { type GatewayArgs, PLAIN_HTTP, gateway } from "../src/istio/gateway";
import type { Reach } from "../src/istio/istioObjects";
import { ServiceProtocol } from "../src/istio/protocol";
import { EVERY_HOST, checkReach, routedInside, serversFor } from "../src/istio/reach";
import type { CanaryAppArgs } from "./canaryAppArgs";
import { reachingOf } from "./checkReaching";
import { finalServers } from "./finalServers";
import { validated } from "./validated";

/** From where an app is reached, once its gateway is known. */
export interface AppReach {
  /** For its VirtualService. */
  reach: pulumi.Output<Reach>;
  /** The spec of the Gateway object that is made for it; undefined if it has no hosts, or another one's Gateway. */
  ownGateway?: (selector: pulumi.Output<Record<string, string>>) => pulumi.Output<object>;
  /** Where clients outside call it, given the ingress gateway's address. Unknown in a preview unless it is final. */
  urlAt(address: pulumi.Output<string>): pulumi.Output<string>;
}

/** From where an app is reached, by its arguments. What is known late is checked before it reaches the cluster. */
export function appReach(subject: string, app: string, args: CanaryAppArgs): AppReach {
  const hosts: readonly string[] = args.hosts ?? EVERY_HOST;
  const gatewayArgs: GatewayArgs = args.gateway ?? {};
  const { shareHosts } = gatewayArgs;
  const { use, servers, usedServers } = validated(subject, "", gatewayArgs, (given, findings) => {
    if (args.gateway !== undefined) {
      checkReach({ ...reachingOf(args), gateway: given }, findings);
    }
  });
  const protocol = args.service?.protocol ?? ServiceProtocol.Http;
  const ports = pulumi.output(servers).apply((given) => given ?? [...PLAIN_HTTP]);
  const entries = pulumi
    .all([ports, usedServers])
    .apply(([own, used]) => (used === undefined ? own : serversFor({ hosts, protocol }, used)));
  const rest = { hosts, internal: routedInside({ hosts, internal: args.internal, shareHosts }), protocol };
  const finalEntries = finalServers(finalServers(entries, args.gateway?.servers), args.gateway?.usedServers);
  const makesGateway = hosts.length > 0 && args.gateway?.use === undefined;
  return {
    reach: pulumi
      .output(use)
      .apply((shared) => ({ ...rest, gateway: hosts.length === 0 ? undefined : (shared ?? app) })),
    ownGateway: makesGateway
      ? (selector) => pulumi.all([ports, selector]).apply(([given, labels]) => gateway(given, hosts, labels))
      : undefined,
    urlAt: (address) => pulumi.all([finalEntries, address]).apply(([given, at]) => entryUrl(given, at)),
  };
}
