import { tcpRoute, tlsRoute } from "./connectionRoute";
import type { Destination } from "./destination";
import { type Entrances, gatewaysOf } from "./entrances";
import type { Plain } from "./plain";
import { ServiceProtocol } from "./protocol";
import type { RouteArgs } from "./route";
import { renderHttp } from "./routing";
import type { Stickiness } from "./sticky";
import { type TrafficPolicyArgs, renderTrafficPolicy } from "./trafficPolicy";
import type { Weights } from "./weights";

/** The API version of all networking objects here: Istio's stored one since 1.22. */
export const NETWORKING_API = "networking.istio.io/v1";

/**
 * The spec of the DestinationRule that holds what all versions share; it has no subset, so it outlives every version.
 */
export function baseDestinationRule(host: string, policy: Plain<TrafficPolicyArgs>): object {
  return { host, trafficPolicy: renderTrafficPolicy(policy) };
}

/**
 * The spec of one version's DestinationRule, with its one subset. Istio merges the rules of a host, so a version comes
 * with its own and goes with it: made before the VirtualService names the subset, removed after it no longer does.
 */
export function versionDestinationRule(host: string, version: string, policy?: Plain<TrafficPolicyArgs>): object {
  const subset = { name: version, labels: { version } };
  return { host, subsets: [policy ? { ...subset, trafficPolicy: renderTrafficPolicy(policy) } : subset] };
}

/** From where an app is reached. */
export interface Reach extends Entrances {
  /**
   * Host names of requests through the ingress gateway; empty if it is not reached from outside. With hosts, there is a
   * gateway.
   */
  hosts: readonly string[];
  /** What the app speaks. @default "http" */
  protocol?: ServiceProtocol;
}

/**
 * The spec of the VirtualService: the routes, each shared among the versions; for an app of connections one route
 * without conditions.
 */
export function virtualService(
  reach: Reach,
  destination: Destination,
  routes: readonly Plain<RouteArgs>[],
  weights: Weights,
  sticky?: Stickiness,
): object {
  const hosts = [...reach.hosts, ...(reach.internal ? [destination.host] : [])];
  const gateways = gatewaysOf(reach);
  switch (reach.protocol) {
    case ServiceProtocol.Tcp:
      return { hosts, gateways, tcp: [tcpRoute(destination, weights)] };
    case ServiceProtocol.Tls:
      return { hosts, gateways, tls: [tlsRoute(hosts, destination, weights)] };
    default:
      return { hosts, gateways, http: renderHttp(routes, destination, weights, sticky) };
  }
}
