import type { Input } from "@pulumi/pulumi";
import type { Plain } from "./plain";
import { checkHost, isDnsLabel, takesIn } from "../validation/names";
import { type Findings, shown } from "../validation/problem";
import { isKnown } from "../validation/unknown";
import {
  type Check,
  type Rule,
  atMostOneOf,
  exactlyOneOf,
  list,
  needs,
  plain,
  required,
  setOf,
  shape,
} from "../validation/shape";
import { extraFields, flag, oneOf, pattern, port } from "../validation/values";
import { ServerTlsMode, type ServerTlsArgs, checkServerTls, renderServerTls } from "./serverTls";

/** What clients speak to a gateway's server. */
export const ServerProtocol = {
  /** Plain HTTP. */
  Http: "HTTP",
  /** HTTP/2 without TLS. */
  Http2: "HTTP2",
  /** Plain gRPC. */
  Grpc: "GRPC",
  /** HTTP in TLS. */
  Https: "HTTPS",
  /** Any bytes. */
  Tcp: "TCP",
  /** Any bytes over TLS. */
  Tls: "TLS",
} as const;

/** One of {@link ServerProtocol}. */
export type ServerProtocol = (typeof ServerProtocol)[keyof typeof ServerProtocol];

/** One port on which a gateway answers. */
export interface GatewayServerArgs {
  /**
   * The port of the gateway's Service. Istio's chart has 80 and 443; add more by `gatewayValues.service.ports`. Gateway
   * `servers[].port.number`.
   */
  port: Input<number>;
  /** What clients speak there. Gateway `servers[].port.protocol`. @default "HTTPS" with `tls`, else "HTTP" */
  protocol?: Input<ServerProtocol>;
  /**
   * The server's name, unique in the gateway. Gateway `servers[].port.name`.
   * @default the protocol, with the port unless it is the usual one: `http`, `https`, `tcp-9000`
   */
  name?: Input<string>;
  /**
   * The hosts it answers for: `shop.example.com`, `*.example.com`, `*`, or one of these limited to the apps of a
   * namespace, `prod/*.example.com`. Gateway `servers[].hosts`.
   * @default the app's hosts
   */
  hosts?: Input<Input<string>[]>;
  /** Its TLS; required for HTTPS and TLS, not allowed otherwise. Gateway `servers[].tls`. */
  tls?: Input<ServerTlsArgs>;
  /**
   * Whether every request is redirected to the same URL with `https`, by status 301; for HTTP beside an HTTPS server
   * with the same hosts. Gateway `servers[].tls.httpsRedirect`.
   * @default false
   */
  httpsRedirect?: Input<boolean>;
  /** Fields of Istio's `Server` that have no argument here, as Istio spells them. They win over ours. */
  extra?: any;
}

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
export const PLAIN_HTTP: readonly Plain<GatewayServerArgs>[] = [{ port: 80 }];

const TLS_PROTOCOLS: readonly unknown[] = [ServerProtocol.Https, ServerProtocol.Tls];

/** What clients speak to a server. */
export function protocolOf({ protocol, tls }: Plain<GatewayServerArgs>): ServerProtocol {
  return protocol ?? (tls === undefined ? ServerProtocol.Http : ServerProtocol.Https);
}

/** A server's name: as given, or made from its protocol and port. */
export function serverName(server: Plain<GatewayServerArgs>): string {
  const protocol = protocolOf(server);
  const usual =
    (protocol === ServerProtocol.Http && server.port === 80) ||
    (protocol === ServerProtocol.Https && server.port === 443);
  return server.name ?? (usual ? protocol.toLowerCase() : `${protocol.toLowerCase()}-${server.port}`);
}

/** Whether a server leaves TLS to the app. */
export function passesThrough({ tls }: Plain<GatewayServerArgs>): boolean {
  return tls?.mode === ServerTlsMode.Passthrough;
}

/** Checks a host of a server: a host name, which may be preceded by a namespace. */
const serverHost: Check = (value, findings) => {
  const [namespace, ...rest] = typeof value === "string" ? value.split("/") : [];
  if (rest.length === 1 && (["*", "."].includes(namespace) || isDnsLabel(namespace))) {
    checkHost(rest[0], findings);
  } else {
    checkHost(value, findings);
  }
};

const tlsForProtocol: Rule<Plain<GatewayServerArgs>> = (server, findings) => {
  const { protocol, tls, httpsRedirect } = server;
  if (!isKnown(protocol)) {
    return;
  }
  const spoken = protocolOf(server);
  if (TLS_PROTOCOLS.includes(spoken) && tls === undefined) {
    findings
      .field("tls")
      .add(
        "is missing",
        `${spoken} needs it: { credentialName: "…" }, or { mode: "${ServerTlsMode.Passthrough}" } where the app has the certificate`,
      );
  }
  if (!TLS_PROTOCOLS.includes(spoken) && tls !== undefined) {
    findings.field("tls").add(`is set, and protocol is ${spoken}`, `only ${TLS_PROTOCOLS.join(" and ")} take it`);
  }
  if (httpsRedirect === true && spoken !== ServerProtocol.Http) {
    findings.field("httpsRedirect").add(`is set, and protocol is ${spoken}`, "only HTTP can be redirected to HTTPS");
  }
};

const checkServer: Check = shape<Plain<GatewayServerArgs>>(
  {
    port: required(port, "a port from 1 to 65535"),
    protocol: oneOf(Object.values(ServerProtocol)),
    name: pattern(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, "a name of lower-case letters, digits and '-'"),
    hosts: list(serverHost, "a list of host names", 1),
    tls: checkServerTls,
    httpsRedirect: flag,
    extra: extraFields,
  },
  tlsForProtocol,
);

type Server = Plain<GatewayServerArgs>;

/** The host without its namespace, if it has one. */
export function hostNameOf(host: string): string {
  return host.slice(host.indexOf("/") + 1);
}

/** A server's hosts as given; undefined if they are not known yet. */
export function serverHosts({ hosts }: Server, appHosts: readonly string[]): readonly string[] | undefined {
  const known: readonly unknown[] | undefined = hosts === undefined ? appHosts : isKnown(hosts) ? hosts : undefined;
  return known?.every((host) => typeof host === "string") ? (known as string[]) : undefined;
}

/** Whether everything that distinguishes a server from others is known. */
function isSettled(server: Server): boolean {
  return isKnown(server) && [server.port, server.protocol, server.name, server.tls].every(isKnown);
}

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

/** Whether a server answers for a host; true if its hosts are not known yet. */
export function serves(server: Server, host: string, appHosts: readonly string[]): boolean {
  return serverHosts(server, appHosts)?.some((own) => takesIn(hostNameOf(own), hostNameOf(host))) ?? true;
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

function renderServer(server: Server, appHosts: readonly string[]): Record<string, unknown> {
  const { port: number, hosts = [...appHosts], tls, httpsRedirect, extra } = server;
  return {
    port: { number, name: serverName(server), protocol: protocolOf(server) },
    hosts: [...hosts],
    ...(tls === undefined ? {} : { tls: renderServerTls(tls) }),
    ...(httpsRedirect === true ? { tls: { httpsRedirect: true } } : {}),
    ...(extra as object | undefined),
  };
}
