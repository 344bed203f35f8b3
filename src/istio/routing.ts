import type { Findings } from "../validation/problem";
import { isKnown } from "../validation/unknown";
import type { Destination } from "./destination";
import { type Entrances, checkEntrances } from "./entrances";
import type { Plain } from "./plain";
import { EVERY_REQUEST, type RouteArgs, checkRoutes, isShared, renderRoute } from "./route";
import {
  type Stickiness,
  type StickyArgs,
  type StickyReach,
  checkSticky,
  checkStickyReach,
  checkStickyRoutes,
  stickyRules,
} from "./sticky";
import type { Weights } from "./weights";

/** The arguments for an app's HTTP requests, besides the weights. */
export interface Routing {
  /** The routes; if omitted, one for every request. */
  routes?: readonly Plain<RouteArgs>[];
  /** Whether users stay with their version. */
  sticky?: Plain<StickyArgs>;
}

/** What the routing is checked against, as far as it is valid and known. */
export interface RoutedApp {
  /** The declared versions' names. */
  versions?: readonly string[];
  /** The Gateways through which requests come. */
  entrances?: Entrances;
  /** The app's namespace. */
  namespace?: string;
  /** The names of its ports that speak HTTP, if it has several ports; [] if it has one. */
  httpPorts?: readonly string[];
  /** From where it can be reached. */
  reach?: StickyReach;
}

/** Records what is wrong with the routing, including conflicts between its parts. */
export function checkRouting(
  { routes = EVERY_REQUEST, sticky }: Routing,
  { versions, entrances, namespace, reach = {}, httpPorts }: RoutedApp,
  findings: Findings,
): void {
  const before = findings.all().length;
  checkRoutes(routes, findings.field("routes"), versions, httpPorts);
  if (findings.all().length === before && entrances !== undefined && namespace !== undefined) {
    checkEntrances(routes, entrances, namespace, findings.field("routes"));
  }
  if (sticky !== undefined && isKnown(sticky)) {
    checkSticky(sticky, findings.field("sticky"));
    if (findings.all().length === before) {
      checkStickyReach(sticky, reach, findings.field("sticky"));
      checkStickyRoutes(sticky, routes, findings);
    }
  }
}

/**
 * The VirtualService's `http`, or one port's part of it: each route in its order, preceded by the rules that keep its
 * users sticky.
 *
 * @param own Where the requests of a route without `port` are sent.
 * @param ports The numbers of the app's ports by their names.
 */
export function renderHttp(
  routes: readonly Plain<RouteArgs>[],
  own: Destination,
  weights: Weights,
  sticky?: Stickiness,
  ports: ReadonlyMap<string, number> = new Map(),
): object[] {
  return routes.flatMap((route) => {
    const port = (route.port === undefined ? undefined : ports.get(route.port)) ?? own.port;
    const rule = renderRoute(route, { ...own, port }, weights);
    return sticky !== undefined && isShared(route) ? stickyRules(rule, sticky) : [rule];
  });
}
