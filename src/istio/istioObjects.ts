import { tcpRoute, tlsRoute } from "./connectionRoute";
import type { Destination } from "./destination";
import { type EjectionContext, renderEjectingPolicy } from "./ejection";
import { type Entrances, gatewaysOf } from "./entrances";
import type { Plain } from "./plain";
import { ServiceProtocol } from "./protocol";
import type { RouteArgs } from "./route";
import { renderHttp } from "./routing";
import type { Stickiness } from "./sticky";
import type { TrafficPolicyArgs } from "./trafficPolicy";
import type { Weights } from "./weights";

/** The API version of all networking objects here: Istio's stored one since 1.22. */
export const NETWORKING_API = "networking.istio.io/v1";

/** What is known of no pods: the port is one that no Service has. */
const NO_PODS: EjectionContext = { servicePort: 0 };

/**
 * The spec of the DestinationRule that holds what all versions share; it has no subset, so it outlives every version.
 *
 * @param ejection Of the pods of all versions together. @default nothing is known of them
 */
export function baseDestinationRule(
  host: string,
  policy: Plain<TrafficPolicyArgs>,
  ejection: EjectionContext = NO_PODS,
): object {
  return { host, trafficPolicy: renderEjectingPolicy(policy, ejection) };
}

/**
 * The spec of one version's DestinationRule, with its one subset. Istio merges the rules of a host, so a version comes
 * with its own and goes with it: made before the VirtualService names the subset, removed after it no longer does.
 *
 * @param ejection Of the version's pods. @default nothing is known of them
 */
export function versionDestinationRule(
  host: string,
  version: string,
  policy?: Plain<TrafficPolicyArgs>,
  ejection: EjectionContext = NO_PODS,
): object {
  const subset = { name: version, labels: { version } };
  const trafficPolicy = renderEjectingPolicy(policy, ejection);
  return { host, subsets: [trafficPolicy === undefined ? subset : { ...subset, trafficPolicy }] };
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
