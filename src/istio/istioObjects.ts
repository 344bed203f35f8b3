import { type Entrances, gatewaysOf } from "./entrances";
import type { Plain } from "./plain";
import { type PortSharing, type RoutedService, portRoutes } from "./portRoutes";
import { type TrafficPolicyArgs, renderTrafficPolicy } from "./trafficPolicy";

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
}

/**
 * The spec of the VirtualService: the routes of every port, each shared among the versions; for a port of connections
 * one route without other conditions.
 */
export function virtualService(reach: Reach, service: RoutedService, sharing: PortSharing): object {
  const hosts = [...reach.hosts, ...(reach.internal ? [service.host] : [])];
  return { hosts, gateways: gatewaysOf(reach), ...portRoutes(service, hosts, sharing) };
}
