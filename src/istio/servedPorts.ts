import { isKnown } from "../validation/unknown";
import type { GatewayServerArgs } from "./gatewayServer";
import type { Plain } from "./plain";
import { type RoutedPort, portsOf } from "./portRoutes";
import { kindServedBy } from "./reach";
import type { RouteArgs } from "./route";
import type { Warning } from "../validation/warning";

type Server = Plain<GatewayServerArgs>;

/**
 * The port whose routes take what comes through a server of a gateway: the port with the server's number, or else the
 * first one that accepts what the server's clients speak. Undefined if there is none, or the server is not known yet.
 */
export function portServedBy<Port extends RoutedPort>(server: Server, ports: readonly Port[]): Port | undefined {
  const kind = kindServedBy(server);
  const own = kind === undefined ? [] : portsOf(kind, ports);
  return own.find(({ port }) => port === server.port) ?? own[0];
}

/** The servers of an app that lead to its first port; all of them if none does. */
export function serversOfFirst(servers: readonly Server[], ports: readonly RoutedPort[]): readonly Server[] {
  const own = servers.filter((server) => portServedBy(server, ports) === ports[0]);
  return own.length > 0 ? own : servers;
}

/** From where an app's ports can be reached. */
export interface PortsReached {
  ports: readonly RoutedPort[];
  hosts: readonly string[];
  /** Whether callers inside the mesh are routed. */
  internal: boolean;
  /** Whether other apps may have the same hosts at the gateway. @default false */
  shareHosts?: boolean;
  /** The servers through which it is reached; undefined if they are not known. */
  servers?: readonly Server[];
  routes: readonly Plain<RouteArgs>[];
}

/**
 * The ports that no route covers: requests that callers inside the mesh send there are spread over the pods of all
 * versions, whatever the weights are. An app with a single port is either reachable or refused, so it has none.
 */
export function unroutedPorts({
  ports,
  hosts,
  internal,
  shareHosts = false,
  servers,
  routes,
}: PortsReached): Warning[] {
  if (ports.length === 1 || internal || servers === undefined || !servers.every(isKnown)) {
    return [];
  }
  const served = servers.map((server) => portServedBy(server, ports));
  const isEvery = hosts.includes("*");
  const why = isEvery ? ', because hosts has "*"' : shareHosts ? ", because gateway.shareHosts is true" : "";
  const todo = isEvery && !shareHosts ? "Name the hosts, or give" : "Give";
  const named = routes.map(({ port }) => port);
  return ports.flatMap((port, index) =>
    served.includes(port) || named.includes(port.name)
      ? []
      : [
          {
            path: `service.ports[${index}]`,
            what:
              `(${port.name}) is called through no server of the gateway, and callers inside the mesh are not routed${why}: ` +
              `its requests go to the pods of all versions, whatever the weights are. ${todo} the gateway a server with port ${port.port}`,
          },
        ],
  );
}
