import type { Input } from "@pulumi/pulumi";
import { type Findings, shown } from "../validation/problem";
import { type Check, atMostOneOf, exactlyOneOf, list, needs, plain, setOf, shape } from "../validation/shape";
import { isKnown } from "../validation/unknown";
import { flag, pattern } from "../validation/values";
import {
  type GatewayServerArgs,
  type Server,
  ServerProtocol,
  checkServer,
  isSettled,
  protocolOf,
  renderServer,
  serverHosts,
  serverName,
  serves,
} from "./gatewayServer";
import type { Plain } from "./plain";

/** The Gateway object that lets requests from outside in. */
export interface GatewayArgs {
  /** The ports it answers on. Set this or `use`. @default plain HTTP on port 80 */
  servers?: Input<Input<GatewayServerArgs>[]>;
  /**
   * An existing Gateway, as `namespace/name`, e.g. one that several apps share. No other is created then. Set this or
   * `servers`. VirtualService `gateways`.
   */
  use?: Input<string>;
  /**
   * The servers of the Gateway named by `use`, such as the output `servers` of a `SharedGateway`: the app's hosts must
   * be among theirs, and its URL follows from them. Used only for checks and the URL; creates nothing.
   * @default not known: hosts are not checked, and the URL is `http` on port 80
   */
  usedServers?: Input<Input<GatewayServerArgs>[]>;
  /**
   * Whether other apps may take requests for the same hosts at the ingress gateway, each with its own `routes`. All of
   * them must set it, none may take a request of another's, and one of them may take the rest. They are then reachable
   * only through the ingress gateway. VirtualService `gateways`, without `mesh`.
   * @default false
   */
  shareHosts?: boolean;
}

/** The only server of a gateway that declares none. */
export const PLAIN_HTTP: readonly Server[] = [{ port: 80 }];

/** Records what keeps a server from existing beside another one of the same Gateway. */
function checkBeside(server: Server, other: Server, at: string, appHosts: readonly string[], findings: Findings): void {
  const protocol = protocolOf(server);
  if (serverName(server) === serverName(other)) {
    findings
      .field("name")
      .add(`is ${shown(serverName(server))}, the name of ${at} too`, "every server needs a name of its own");
  }
  if (server.port !== other.port) {
    return;
  }
  if (protocol !== protocolOf(other)) {
    findings
      .field("protocol")
      .add(
        `is ${protocol}, and that of ${at} ${protocolOf(other)}`,
        `servers of one port (${server.port}) speak the same`,
      );
  } else if (protocol === ServerProtocol.Tcp) {
    findings
      .field("port")
      .add(
        `is ${server.port}, the port of ${at} too`,
        "TCP connections name no host, so a port can have only one server",
      );
  } else {
    const same = serverHosts(server, appHosts)?.find((host) => serverHosts(other, appHosts)?.includes(host));
    if (same !== undefined) {
      findings
        .field("hosts")
        .add(
          `has ${shown(same)}, which ${at} has on port ${server.port} too`,
          "on one port, a host can have only one server",
        );
    }
  }
}

/** Records a host whose requests would be redirected to HTTPS that no server offers. */
function checkRedirect(
  server: Server,
  servers: readonly Server[],
  appHosts: readonly string[],
  findings: Findings,
): void {
  const lost = serverHosts(server, appHosts)?.find((host) => {
    const secured = servers.filter((other) => !isSettled(other) || protocolOf(other) === ServerProtocol.Https);
    return !secured.some((other) => !isSettled(other) || serves(other, host, appHosts));
  });
  if (lost !== undefined) {
    findings.add(
      `is set, but no HTTPS server answers for ${shown(lost)}`,
      "clients are redirected to HTTPS: add a server for it, with tls",
    );
  }
}

/** Records what is wrong with the servers of a Gateway. `appHosts` are the hosts of servers that name none. */
export function checkServers(given: unknown, appHosts: readonly string[], findings: Findings): void {
  const before = findings.all().length;
  list(checkServer, "a list of servers", 1)(given, findings);
  if (!isKnown(given) || findings.all().length > before) {
    return;
  }
  const servers = given as Server[];
  for (const [index, server] of servers.entries()) {
    const field = findings.field(index);
    if (appHosts.length === 0 && isKnown(server) && server.hosts === undefined) {
      field
        .field("hosts")
        .add("is missing", "a SharedGateway has no app whose hosts it could use: a list of host names is needed");
    }
    for (const [earlier, other] of servers.slice(0, index).entries()) {
      if (isSettled(server) && isSettled(other)) {
        checkBeside(server, other, `servers[${earlier}]`, appHosts, field);
      }
    }
    if (isKnown(server) && server.httpsRedirect === true) {
      checkRedirect(server, servers, appHosts, field.field("httpsRedirect"));
    }
  }
}

/** Checks an app's gateway by itself. `appHosts` are the app's hosts. */
export function checkGateway(appHosts: readonly string[]): Check {
  return shape<Plain<GatewayArgs>>(
    {
      servers: (value, findings) => checkServers(value, appHosts, findings),
      use: pattern(
        /^(?=[^/]{1,63}\/[^/]{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?\/[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
        "a Gateway as namespace/name, at most 63 characters each, such as istio-ingress/shared,",
      ),
      usedServers: (value, findings) => checkServers(value, [], findings),
      shareHosts: plain(flag),
    },
    needs("usedServers", "use"),
    (given, findings) => {
      const rule = setOf(given, ["shareHosts"]).length > 0 ? atMostOneOf : exactlyOneOf;
      rule("servers", "use")(given, findings);
    },
  );
}

/**
 * The spec of a Gateway: what the ingress gateway's pods answer, on which ports.
 *
 * @param servers The ports; see {@link PLAIN_HTTP} for the usual one.
 * @param appHosts The hosts of servers that name none.
 * @param selector The labels of the ingress gateway's pods.
 */
export function gateway(
  servers: readonly Server[],
  appHosts: readonly string[],
  selector: Readonly<Record<string, string>>,
): object {
  return { selector, servers: servers.map((server) => renderServer(server, appHosts)) };
}
