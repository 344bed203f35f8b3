import type { Input } from "@pulumi/pulumi";
import { checkHost, isDnsLabel, takesIn } from "../validation/names";
import { type Check, type Rule, list, required, shape } from "../validation/shape";
import { isKnown } from "../validation/unknown";
import { extraFields, flag, oneOf, pattern, port } from "../validation/values";
import type { Plain } from "./plain";
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

/** A server whose inputs have been resolved. */
export type Server = Plain<GatewayServerArgs>;

const TLS_PROTOCOLS: readonly unknown[] = [ServerProtocol.Https, ServerProtocol.Tls];

/** What clients speak to a server. */
export function protocolOf({ protocol, tls }: Server): ServerProtocol {
  return protocol ?? (tls === undefined ? ServerProtocol.Http : ServerProtocol.Https);
}

/** A server's name: as given, or made from its protocol and port. */
export function serverName(server: Server): string {
  const protocol = protocolOf(server);
  const usual =
    (protocol === ServerProtocol.Http && server.port === 80) ||
    (protocol === ServerProtocol.Https && server.port === 443);
  return server.name ?? (usual ? protocol.toLowerCase() : `${protocol.toLowerCase()}-${server.port}`);
}

/** Whether a server leaves TLS to the app. */
export function passesThrough({ tls }: Server): boolean {
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

const tlsForProtocol: Rule<Server> = (server, findings) => {
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

/** The check of one server by itself. */
export const checkServer: Check = shape<Server>(
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
export function isSettled(server: Server): boolean {
  return isKnown(server) && [server.port, server.protocol, server.name, server.tls].every(isKnown);
}

/** Whether a server answers for a host; true if its hosts are not known yet. */
export function serves(server: Server, host: string, appHosts: readonly string[]): boolean {
  return serverHosts(server, appHosts)?.some((own) => takesIn(hostNameOf(own), hostNameOf(host))) ?? true;
}

/** Istio's `Server`. `appHosts` are the hosts of a server that names none. */
export function renderServer(server: Server, appHosts: readonly string[]): Record<string, unknown> {
  const { port: number, hosts = [...appHosts], tls, httpsRedirect, extra } = server;
  return {
    port: { number, name: serverName(server), protocol: protocolOf(server) },
    hosts: [...hosts],
    ...(tls === undefined ? {} : { tls: renderServerTls(tls) }),
    ...(httpsRedirect === true ? { tls: { httpsRedirect: true } } : {}),
    ...(extra as object | undefined),
  };
}
