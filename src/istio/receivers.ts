import { isKnown } from "../validation/unknown";
import type { MirrorArgs } from "./mirrors";
import type { Plain } from "./plain";
import type { RouteArgs } from "./route";

/** A version that a route sends requests to, or copies of them, whatever the app's weights are. */
export interface Receiver {
  version: string;
  /** The argument that names it, e.g. `routes[0].mirrors[1].version`. */
  path: string;
}

/**
 * The versions that routes name themselves, in the routes' order, as far as they are known.
 *
 * @param routes Valid routes.
 * @param versions The declared versions' names.
 */
export function receivers(routes: readonly Plain<RouteArgs>[], versions: readonly string[]): Receiver[] {
  return routes.flatMap((route, index) => (isKnown(route) ? receiversOf(route, `routes[${index}]`, versions) : []));
}

function receiversOf(
  { version, weights, mirrors = [] }: Plain<RouteArgs>,
  path: string,
  versions: readonly string[],
): Receiver[] {
  const named = [
    { version, path: `${path}.version` },
    ...versions
      .filter((name) => getsRequests(weights, name))
      .map((name) => ({ version: name, path: `${path}.weights.${name}` })),
    ...(isKnown(mirrors) ? mirrors : []).map((mirror, index) => ({
      version: copiesTo(mirror),
      path: `${path}.mirrors[${index}].version`,
    })),
  ];
  return named.filter((each): each is Receiver => typeof each.version === "string");
}

function copiesTo(mirror: Plain<MirrorArgs>): string | undefined {
  return isKnown(mirror) && mirror.percentage !== 0 ? mirror.version : undefined;
}

/** Whether a route's own weights are known to give requests to a version. */
function getsRequests(weights: Plain<RouteArgs>["weights"], version: string): boolean {
  return weights !== undefined && isKnown(weights) && isKnown(weights[version]) && weights[version] > 0;
}
