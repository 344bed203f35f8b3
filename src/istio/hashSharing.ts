import { isObject } from "../internal/objects";
import type { Findings } from "../validation/problem";
import { hasUnknown, isKnown } from "../validation/unknown";
import type { Plain } from "./plain";
import { portSettingsIndex } from "./policyInForce";
import { type RoutedPort, destinationPorts } from "./portRoutes";
import { type RouteArgs, isShared } from "./route";
import { type TrafficPolicyArgs, renderTrafficPolicy } from "./trafficPolicy";
import type { Weights } from "./weights";

/** The attribute of a request that selects its pod, as Istio's routes have it for one version. */
interface HashKey {
  /** E.g. `the header x-user`. */
  key: string;
  /** Whether it comes from the version's own policy. */
  own: boolean;
}

/** An app's policies, valid by themselves. */
export interface HashedApp {
  trafficPolicy?: Plain<TrafficPolicyArgs>;
  /** The versions with their own policies. */
  versions: readonly { name: string; trafficPolicy?: Plain<TrafficPolicyArgs> }[];
  /** The Service's ports. */
  ports: readonly RoutedPort[];
}

/** Two versions whose policies hash by different attributes. */
export interface HashConflict {
  /** The indexes of the two versions, the one of `path` last. */
  indexes: readonly [number, number];
  /** The argument that differs, e.g. `versions[1].trafficPolicy`. */
  path: readonly (string | number)[];
  /** What it hashes by. */
  key: string;
  /** What the other one hashes by. */
  other: string;
}

/**
 * The first two of these versions that hash by different attributes. A route has the hash policies of all its
 * destinations, and Envoy selects pods by all of them together: with two different ones, neither keeps a caller on its
 * pod.
 *
 * @param among The names of the versions to compare.
 * @param servicePort The port to which requests are sent.
 */
export function hashConflict(
  { trafficPolicy, versions }: Pick<HashedApp, "trafficPolicy" | "versions">,
  among: readonly string[],
  servicePort: number,
): HashConflict | undefined {
  const hashing = versions.flatMap((version, index) => {
    const hash = among.includes(version.name) ? hashKey(version.trafficPolicy, trafficPolicy, servicePort) : undefined;
    return hash === undefined ? [] : [{ index, ...hash }];
  });
  const [first] = hashing;
  const second = hashing.find(({ key }) => key !== first.key);
  if (second === undefined) {
    return undefined;
  }
  // The service's own policy is common to all versions that have none, so what differs from it is a version's policy.
  const [one, other] = second.own ? [first, second] : [second, first];
  return {
    indexes: [one.index, other.index],
    path: ["versions", other.index, "trafficPolicy"],
    key: other.key,
    other: one.key,
  };
}

/**
 * The hash that Istio puts on routes to a version: from the version's settings for the port, the version's policy, the
 * service's settings for the port, or the service's policy. It is there even if the version's pods are not selected by
 * hash.
 */
function hashKey(
  own: Plain<TrafficPolicyArgs> | undefined,
  service: Plain<TrafficPolicyArgs> | undefined,
  servicePort: number,
): HashKey | undefined {
  const [subset, base] = [own, service].map((policy) => (policy === undefined ? {} : renderTrafficPolicy(policy)));
  const places: [block: unknown, own: boolean][] = [
    [portSettings(subset, servicePort), true],
    [subset, true],
    [portSettings(base, servicePort), false],
    [base, false],
  ];
  for (const [block, isOwn] of places) {
    const key = keyOf(block);
    if (key !== undefined) {
      return { key, own: isOwn };
    }
  }
  return undefined;
}

function portSettings(rendered: Record<string, unknown>, servicePort: number): unknown {
  const index = portSettingsIndex(rendered, servicePort);
  return index < 0 ? undefined : (rendered.portLevelSettings as unknown[])[index];
}

function keyOf(block: unknown): string | undefined {
  const balancer = isObject(block) ? block.loadBalancer : undefined;
  const hash = isObject(balancer) ? balancer.consistentHash : undefined;
  if (!isObject(hash)) {
    return undefined;
  }
  const { httpHeaderName: header, httpCookie: cookie, useSourceIp, httpQueryParameterName: parameter } = hash;
  if (typeof header === "string") {
    return `the header ${header.toLowerCase()}`;
  }
  if (isObject(cookie)) {
    return `the cookie ${String(cookie.name)}`;
  }
  if (typeof parameter === "string") {
    return `the query parameter ${parameter}`;
  }
  return useSourceIp === true ? "the caller's address" : undefined;
}

/**
 * The versions that get requests from a route that shares requests, as far as they are known; undefined for other
 * routes.
 */
export function sharersOf(route: Plain<RouteArgs>, weights: Weights): string[] | undefined {
  if (!isKnown(route) || !isShared(route)) {
    return undefined;
  }
  const shares = route.weights ?? weights;
  return isKnown(shares)
    ? Object.entries(shares).flatMap(([name, share]) => (typeof share === "number" && share > 0 ? [name] : []))
    : undefined;
}

/**
 * Records versions that get requests from one route but hash by different attributes.
 *
 * @param app Valid policies; those that are not fully known yet are skipped.
 * @param findings The path of `versions`.
 */
export function checkHashSharing(
  app: HashedApp,
  routes: readonly Plain<RouteArgs>[],
  weights: Weights,
  findings: Findings,
): void {
  const { trafficPolicy, versions, ports } = app;
  if (hasUnknown([trafficPolicy, ports, versions.map((version) => version.trafficPolicy)])) {
    return;
  }
  for (const [index, route] of routes.entries()) {
    const sharers = sharersOf(route, weights) ?? [];
    const conflict =
      sharers.length > 1
        ? firstOf(destinationPorts(route, ports), (port) => hashConflict(app, sharers, port))
        : undefined;
    if (conflict !== undefined) {
      const [one] = conflict.indexes;
      conflict.path
        .reduce((field: Findings, name) => field.field(name), findings)
        .add(
          `hashes by ${conflict.key}, versions[${one}] by ${conflict.other}, and both share the requests of routes[${index}]`,
          `Envoy picks pods by all that a route's versions hash by together, which keeps no caller on a pod: ${SAME_HASH}`,
        );
      return;
    }
  }
}

/** The first result that is defined. */
export function firstOf<T, R>(values: Iterable<T>, find: (value: T) => R | undefined): R | undefined {
  for (const value of values) {
    const found = find(value);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** What to do about it. */
export const SAME_HASH = "let versions that share requests hash by the same thing";
