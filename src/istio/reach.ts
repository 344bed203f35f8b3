import type { Plain } from "./plain";
import { type GatewayArgs, PLAIN_HTTP, checkGateway } from "./gateway";
import { type GatewayServerArgs, ServerProtocol, passesThrough, protocolOf, serves } from "./gatewayServer";
import { type RoutesKind, ServiceProtocol, type Spoken, hasRoutesOf, routesKind, spokenInWords } from "./protocol";
import { type Findings, shown } from "../validation/problem";
import { isKnown } from "../validation/unknown";

/** The default hosts of an app. */
export const EVERY_HOST: readonly string[] = ["*"];

/** The arguments of an app that decide from where it can be reached. */
export interface ReachingArgs {
  /** The host names of requests from outside. */
  hosts: readonly string[];
  /** The Gateway that lets them in. */
  gateway?: Plain<GatewayArgs>;
  /** Whether callers inside the mesh are routed, as given. */
  internal?: boolean;
  /** What the app speaks. */
  spoken: Spoken;
  /** Whether it has routes of its own. */
  hasRoutes: boolean;
}

/**
 * Whether callers inside the mesh are routed: as given, or else unless a host is `*`, which Istio allows only at
 * gateways, or is shared with other apps, of which only one would count inside the mesh.
 */
export function routedInside({
  hosts,
  internal,
  shareHosts = false,
}: Pick<ReachingArgs, "hosts" | "internal"> & { shareHosts?: boolean }): boolean {
  return internal ?? !(hosts.includes("*") || shareHosts);
}

/** Whether a gateway's arguments allow other apps to have the same hosts, as far as that is known. */
export function sharesHosts(gateway: unknown): boolean {
  return isKnown(gateway) && (gateway as { shareHosts?: unknown } | null | undefined)?.shareHosts === true;
}

/**
 * Records conflicts between hosts, gateway, mesh and protocol. Each of them is valid by itself, except the gateway,
 * which is checked here.
 */
export function checkReach(args: ReachingArgs, findings: Findings): void {
  const { hosts, gateway, internal, spoken, hasRoutes } = args;
  if (internal === true && hosts.includes("*")) {
    const what = 'is true, and hosts has "*"';
    findings.field("internal").add(what, "Istio allows no * inside the mesh: name the hosts, or leave internal out");
  }
  if (internal === true && sharesHosts(gateway)) {
    const what = "is true, and gateway.shareHosts is true";
    const todo =
      "inside the mesh one VirtualService alone counts for a host: leave internal out, or give the app hosts of its own";
    findings.field("internal").add(what, todo);
  }
  if (!hasRoutesOf(spoken, "http") && sharesHosts(gateway)) {
    findings
      .field("gateway")
      .field("shareHosts")
      .add(`is true, and ${spokenInWords(spoken)}`, "only HTTP requests are split by routes: leave it out");
  }
  if (internal === false && hosts.length === 0) {
    findings
      .field("internal")
      .add("is false, and hosts is []", "nobody would be routed to the app: set hosts, or leave internal out");
  }
  if (!hasRoutesOf(spoken, "http") && hasRoutes) {
    findings
      .field("routes")
      .add(
        `is set, and ${spokenInWords(spoken)}`,
        `routes apply to HTTP requests; connections are shared by the weights alone`,
      );
  }
  if (hasRoutesOf(spoken, "tls") && hosts.includes("*")) {
    findings
      .field("hosts")
      .add(`has "*", and ${spokenInWords(spoken)}`, "connections are matched by server name (SNI): name the hosts");
  }
  if (gateway === undefined) {
    checkDefaultGateway(args, findings);
  } else if (isKnown(gateway)) {
    const before = findings.all().length;
    checkGateway(hosts)(gateway, findings.field("gateway"));
    if (findings.all().length === before) {
      checkServing(args, gateway, findings);
    }
  }
}

/** Plain HTTP on port 80 suits an app with an HTTP port; any other app has to declare its servers. */
function checkDefaultGateway({ hosts, spoken }: ReachingArgs, findings: Findings): void {
  if (hosts.length > 0 && !hasRoutesOf(spoken, "http")) {
    const server =
      spoken.protocols[0] === ServiceProtocol.Tcp
        ? '{ port: 9000, protocol: "TCP" }'
        : '{ port: 443, protocol: "TLS", tls: { mode: "PASSTHROUGH" } }';
    findings
      .field("gateway")
      .add(
        `is missing, and ${spokenInWords(spoken)}`,
        `its hosts need servers of their own, such as ${server}; or set hosts to []`,
      );
  }
}

/** Records hosts that no server answers for, and servers whose clients the app cannot serve. */
function checkServing(
  { hosts, spoken }: ReachingArgs,
  { servers, use, usedServers }: Plain<GatewayArgs>,
  findings: Findings,
): void {
  if (hosts.length === 0) {
    findings
      .field("gateway")
      .add(
        "is set, and hosts is []",
        "an app without hosts is not reached through a gateway: set hosts, or leave gateway out",
      );
    return;
  }
  const [serving, name] = use === undefined ? [servers ?? [...PLAIN_HTTP], "servers"] : [usedServers, "usedServers"];
  if (serving === undefined || !isKnown(serving)) {
    return;
  }
  hosts.forEach((host, index) => {
    if (!serving.some((server) => !isKnown(server) || serves(server, host, hosts))) {
      const where =
        use === undefined
          ? "one of gateway.servers"
          : `one of the servers of the Gateway ${isKnown(use) ? use : "it uses"}`;
      findings
        .field("hosts")
        .field(index)
        .add(`is ${shown(host)}, which no server of the gateway answers for`, `add it to the hosts of ${where}`);
    }
  });
  // A Gateway that is shared has servers for other apps, too.
  if (use !== undefined && serversFor({ hosts, spoken }, serving).length > 0) {
    return;
  }
  serving.forEach((server, index) => {
    if ((use === undefined || hosts.some((host) => serves(server, host, hosts))) && !takes(server, spoken)) {
      const what = `speaks ${protocolOf(server)}${passesThrough(server) ? " that is passed through" : ""}, and ${spokenInWords(spoken)}`;
      const kinds = new Set(spoken.protocols.map(routesKind));
      const needed = [...kinds].map((kind) => SERVERS_OF[kind]).join("; ");
      findings.field("gateway").field(name).field(index).add(what, needed);
    }
  });
}

/** Whether an app with this protocol can serve a server's clients; true if the server's protocol is not known yet. */
function takes(server: Plain<GatewayServerArgs>, spoken: Spoken): boolean {
  const kind = kindServedBy(server);
  return kind === undefined || hasRoutesOf(spoken, kind);
}

/** The kind of routes through which a server's clients reach an app; undefined if that is not known yet. */
export function kindServedBy(server: Plain<GatewayServerArgs>): RoutesKind | undefined {
  if (!isKnown(server) || !isKnown(server.protocol) || !isKnown(server.tls) || !isKnown(server.tls?.mode)) {
    return undefined;
  }
  const spoken = protocolOf(server);
  return passesThrough(server)
    ? "tls"
    : spoken === ServerProtocol.Tcp || spoken === ServerProtocol.Tls
      ? "tcp"
      : "http";
}

/** Those of a Gateway's servers through which an app with these hosts is reached, as far as they are known. */
export function serversFor(
  { hosts, spoken }: Pick<ReachingArgs, "hosts" | "spoken">,
  servers: readonly Plain<GatewayServerArgs>[],
): Plain<GatewayServerArgs>[] {
  return servers.filter(
    (server) => (!isKnown(server) || hosts.some((host) => serves(server, host, hosts))) && takes(server, spoken),
  );
}

const SERVERS_OF = {
  http: "an app of HTTP needs servers of HTTP, HTTP2, GRPC, or HTTPS that the gateway decrypts",
  tcp: "an app of TCP needs servers of TCP, or of TLS that the gateway decrypts",
  tls: "an app that decrypts TLS itself needs servers of TLS or HTTPS with mode PASSTHROUGH",
} as const;
