import { isObject } from "../internal/objects";
import { UNKNOWN } from "../validation/unknown";
import { tcpRoute, tlsRoute } from "./connectionRoute";
import type { Destination } from "./destination";
import type { MatchArgs } from "./match";
import type { Plain } from "./plain";
import { type RoutesKind, routesKind } from "./protocol";
import { matchesOf, reachable } from "./reachability";
import type { RouteArgs } from "./route";
import { renderHttp } from "./routing";
import type { AppPort } from "./servicePorts";
import type { Stickiness } from "./sticky";
import type { Weights } from "./weights";

/** What a route needs to know of an app's port. */
export type RoutedPort = Pick<AppPort, "name" | "port" | "protocol">;

/** The app's Service as the destination of routes. */
export interface RoutedService {
  /** Its name inside the cluster, e.g. `shop.prod.svc.cluster.local`. */
  host: string;
  /** Its ports; at least one. */
  ports: readonly RoutedPort[];
  /** The app's versions, oldest first: routes list them in this order. @default the order of the weights */
  versions?: readonly string[];
}

/** How the requests and connections of all ports are shared. */
export interface PortSharing {
  /** The HTTP routes; each applies to every port that speaks HTTP. */
  routes: readonly Plain<RouteArgs>[];
  weights: Weights;
  sticky?: Stickiness;
}

/** An app's ports whose routes are of one kind. */
export function portsOf<Port extends RoutedPort>(kind: RoutesKind, ports: readonly Port[]): Port[] {
  return ports.filter(({ protocol }) => routesKind(protocol) === kind);
}

/**
 * The lists of routes of a VirtualService's spec, for all ports of an app. Of each kind, the first port takes
 * everything that was not sent to another port's number: requests of gateway servers with other port numbers, too. An
 * app with one port has its routes as they are given. The other ports' routes come before it and match what was sent to
 * their number, which is the Service's port for callers inside the mesh and the server's port for those of a gateway.
 *
 * @param names The VirtualService's hosts.
 */
export function portRoutes(
  { host, ports, versions }: RoutedService,
  names: readonly string[],
  { routes, weights, sticky }: PortSharing,
): Partial<Record<RoutesKind, object[]>> {
  const [http, tcp, tls] = (["http", "tcp", "tls"] as const).map((kind) => inTurn(portsOf(kind, ports)));
  const named = new Map(ports.map(({ name, port }) => [name, port]));
  const own = (port: number): Destination => ({ host, port, versions });
  const lists = {
    http: http.flatMap(({ port, others, isFirst }) => {
      const taken = others.length === 0 ? routes : reachable(isFirst ? exceptAt(others, routes) : at(port, routes));
      return renderHttp(taken, own(port), weights, sticky, named);
    }),
    tcp: tcp.map(({ port, isFirst }) => tcpRoute(own(port), weights, isFirst ? undefined : port)),
    tls: tls.map(({ port, isFirst }) => tlsRoute(names, own(port), weights, isFirst ? undefined : port)),
  };
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}

/** The numbers of those of an app's ports to which a route's requests are sent, as far as that is certain. */
export function destinationPorts(route: Plain<RouteArgs>, ports: readonly RoutedPort[]): number[] {
  const http = portsOf("http", ports);
  if (http.length <= 1) {
    return http.map(({ port }) => port);
  }
  if (route.port !== undefined) {
    return http.filter(({ name }) => name === route.port).map(({ port }) => port);
  }
  const called = matchesOf(route)?.map((match) => (isObject(match) ? match.port : UNKNOWN));
  return inTurn(http)
    .filter(
      ({ port, others, isFirst }) =>
        called?.length === 0 ||
        called?.some(
          (number) =>
            number === undefined ||
            number === port ||
            (isFirst && typeof number === "number" && !others.includes(number)),
        ),
    )
    .map(({ port }) => port);
}

interface Turn {
  port: number;
  /** The numbers of the other ports of its kind. */
  others: readonly number[];
  /** Whether it takes what no other port takes. */
  isFirst: boolean;
}

/** The ports of one kind in the order of their routes: the first port comes last. */
function inTurn(ports: readonly RoutedPort[]): Turn[] {
  const turns = ports.map(({ port }, index) => ({
    port,
    others: ports.filter((_, other) => other !== index).map((other) => other.port),
    isFirst: index === 0,
  }));
  return [...turns.slice(1), ...turns.slice(0, 1)];
}

/** The routes for requests to one port number. */
function at(port: number, routes: readonly Plain<RouteArgs>[]): Plain<RouteArgs>[] {
  return routes.flatMap(({ match = [{}], ...route }) => {
    const own = match.filter((each) => each.port === undefined || each.port === port);
    return own.length === 0 ? [] : [{ ...route, match: own.map((each): Plain<MatchArgs> => ({ ...each, port })) }];
  });
}

/** The routes for requests to any port number but these. */
function exceptAt(ports: readonly number[], routes: readonly Plain<RouteArgs>[]): Plain<RouteArgs>[] {
  return routes.flatMap((route) => {
    const match = route.match?.filter((each) => each.port === undefined || !ports.includes(each.port));
    return match === undefined ? [route] : match.length === 0 ? [] : [{ ...route, match }];
  });
}
