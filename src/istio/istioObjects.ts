import { type EjectionContext, renderEjectingPolicy } from "./ejection";
import { type Entrances, gatewaysOf } from "./entrances";
import type { Plain } from "./plain";
import { type PortSharing, type RoutedService, portRoutes } from "./portRoutes";
import type { TrafficPolicyArgs } from "./trafficPolicy";

/** The API version of all networking objects here: the one that Istio has stored since 1.22. */
export const NETWORKING_API = "networking.istio.io/v1";

/** The value for pods of which nothing is known. */
const NO_PODS: EjectionContext = { servicePorts: [] };

/**
 * The spec of the DestinationRule for what all versions share. It has no subset, so it outlives every version.
 *
 * @param ejection Of the pods of all versions together.
 * @default nothing is known of them
 */
export function baseDestinationRule(
  host: string,
  policy: Plain<TrafficPolicyArgs>,
  ejection: EjectionContext = NO_PODS,
): object {
  return { host, trafficPolicy: renderEjectingPolicy(policy, ejection) };
}

/**
 * The spec of one version's DestinationRule, with its one subset. Istio merges the rules of a host, so each version's
 * rule is created and deleted with the version: created before the VirtualService refers to the subset, deleted after
 * it no longer does.
 *
 * @param ejection Of the version's pods.
 * @default nothing is known of them
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

/** From where an app can be reached. */
export interface Reach extends Entrances {
  /**
   * Host names of requests through the ingress gateway; empty if it is not reachable from outside. If there are hosts,
   * there is a gateway.
   */
  hosts: readonly string[];
}

/**
 * The spec of the VirtualService: the routes of every port, each shared among the versions. A port of plain connections
 * has one route without other conditions.
 */
export function virtualService(reach: Reach, service: RoutedService, sharing: PortSharing): object {
  const hosts = [...reach.hosts, ...(reach.internal ? [service.host] : [])];
  return { hosts, gateways: gatewaysOf(reach), ...portRoutes(service, hosts, sharing) };
}
