import { isObject } from "../internal/objects";
import type { Findings } from "../validation/problem";
import { hasUnknown, isKnown } from "../validation/unknown";
import type { Plain } from "./plain";
import { portSettingsIndex } from "./policyInForce";
import { type RoutedPort, destinationPorts } from "./portRoutes";
import { type RouteArgs, isShared } from "./route";
import { type TrafficPolicyArgs, renderTrafficPolicy } from "./trafficPolicy";
import type { Weights } from "./weights";

/** What of a request decides on its pod, as Istio's routes have it for one version. */
interface HashKey {
  /** E.g. `the header x-user`. */
  key: string;
  /** Whether it is the version's own policy that says so. */
  own: boolean;
}

/** An app's policies, sound. */
export interface HashedApp {
  trafficPolicy?: Plain<TrafficPolicyArgs>;
  /** The versions with their own policies. */
  versions: readonly { name: string; trafficPolicy?: Plain<TrafficPolicyArgs> }[];
  /** The Service's ports. */
  ports: readonly RoutedPort[];
}

/** Two versions that are told to hash by different things. */
export interface HashConflict {
  /** The places of the two among the versions, the one of `path` last. */
  indexes: readonly [number, number];
  /** The argument that differs, e.g. `versions[1].trafficPolicy`. */
  path: readonly (string | number)[];
  /** What it hashes by. */
  key: string;
  /** What the other one hashes by. */
  other: string;
}

/**
 * Two versions out of these that hash by different things. A route has the hash of each of its destinations, and Envoy
 * picks pods by all of a route's together: with two, neither keeps a caller on its pod.
 *
 * @param among The names of those that are looked at.
 * @param servicePort The port to which requests go.
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
  // The service's own is common to all who have none: what differs from it is a version's.
  const [one, other] = second.own ? [first, second] : [second, first];
  return {
    indexes: [one.index, other.index],
    path: ["versions", other.index, "trafficPolicy"],
    key: other.key,
    other: one.key,
  };
}

/**
 * The hash that Istio puts on routes to a version: that of the version's settings for the port, its own, that of the
 * service's settings for the port, the service's. It is there even where the version's pods are found without a hash.
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

/** The versions that get requests by a route that is shared, as far as they are known; undefined for one that is not. */
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
 * Records versions that get requests by one route and hash by different things.
 *
 * @param app Sound policies; those of which anything is not known yet are passed over.
 * @param findings Where `versions` stands.
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

/** The first outcome that is one. */
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
