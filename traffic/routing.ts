import type { Findings } from "../validation/problem";
import { isKnown } from "../validation/unknown";
import type { Destination } from "./destination";
import type { Plain } from "./plain";
import { EVERY_REQUEST, type RouteArgs, checkRoutes, isShared, renderRoute } from "./route";
import { type Stickiness, type StickyArgs, checkSticky, checkStickyRoutes, stickyRules } from "./sticky";
import type { Shares } from "./weights";

/** What an app's arguments say about its HTTP requests, beside the weights. */
export interface Routing {
  /** The routes; one for every request if they are left out. */
  routes?: readonly Plain<RouteArgs>[];
  /** Whether users stay with their version. */
  sticky?: Plain<StickyArgs>;
}

/**
 * Records what is wrong with the routing, also between its parts.
 *
 * @param versions The declared versions' names; undefined if they are not sound themselves.
 */
export function checkRouting({ routes = EVERY_REQUEST, sticky }: Routing, versions: readonly string[] | undefined, findings: Findings): void {
  const before = findings.all().length;
  checkRoutes(routes, findings.field("routes"), versions);
  if (sticky !== undefined && isKnown(sticky)) {
    checkSticky(sticky, findings.field("sticky"));
    if (findings.all().length === before) {
      checkStickyRoutes(sticky, routes, findings);
    }
  }
}

/** The VirtualService's `http`: each route in its order, with what keeps its users sticky before it. */
export function renderHttp(routes: readonly Plain<RouteArgs>[], own: Destination, shares: Shares, sticky?: Stickiness): object[] {
  return routes.flatMap((route) => {
    const rule = renderRoute(route, own, shares);
    return sticky !== undefined && isShared(route) ? stickyRules(rule, sticky) : [rule];
  });
}
