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

/** What an app's arguments say about its HTTP requests, beside the weights. */
export interface Routing {
  /** The routes; one for every request if they are left out. */
  routes?: readonly Plain<RouteArgs>[];
  /** Whether users stay with their version. */
  sticky?: Plain<StickyArgs>;
}

/** What the routing must fit, as far as it is sound and known. */
export interface RoutedApp {
  /** The declared versions' names. */
  versions?: readonly string[];
  /** By which Gateways requests come. */
  entrances?: Entrances;
  /** The app's namespace. */
  namespace?: string;
  /** The names of its ports that speak HTTP, if it has several ports; [] if it has one. */
  httpPorts?: readonly string[];
  /** From where it is reached. */
  reach?: StickyReach;
}

/** Records what is wrong with the routing, also between its parts. */
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
 * The VirtualService's `http`, or what one port has of it: each route in its order, with what keeps its users sticky
 * before it.
 *
 * @param own Where requests go whose route names no port.
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
