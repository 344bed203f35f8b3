import { type GatewayServerArgs, hostNameOf, protocolOf, serverHosts, serves } from "../../src/istio/gatewayServer";
import type { Plain } from "../../src/istio/plain";
import type { RoutesKind } from "../../src/istio/protocol";
import { kindServedBy } from "../../src/istio/reach";
import { portKind } from "../../src/istio/serverKinds";
import { overlap } from "../../src/istio/sharedHosts";
import type { Findings } from "../../src/validation/problem";
import type { Claim } from "./claims";

/** A key for the ingress gateway's pods, made from their labels. */
export function selectorKey(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** What decides whether another app's routes are compatible with an app's. */
export interface HostRoutes {
  hosts: readonly string[];
  /** The kinds of routes that its ports have. */
  kinds: readonly RoutesKind[];
  /** Whether other apps may take requests for the same hosts. */
  shareHosts: boolean;
  routes: readonly unknown[];
}

const SPLIT = "or, where each takes a part of the requests by its routes, set gateway.shareHosts to true in both";

/** The hosts and kinds of routes of an app that count at a place. */
export interface HostsAtPlace {
  hosts: readonly string[];
  kinds: readonly RoutesKind[];
}

/**
 * The claims of an app's hosts at one gateway, given its key.
 *
 * @param at Those that count there.
 * @default all of them
 */
export function gatewayHostClaims(place: string, where: string, app: HostRoutes, at: HostsAtPlace = app): Claim[] {
  const { shareHosts, routes } = app;
  const claims = (host: string, index: number, kind: RoutesKind): Claim => ({
    key: `route ${place} ${kind} ${host}`,
    at: (findings) => findings.field("hosts").field(index),
    what: (other) =>
      shareHosts
        ? `is "${host}", which ${other} has ${where}, too, and takes some of the same requests, or does not share it`
        : `is "${host}", which ${other} has ${where}, too: only one of them would get the requests`,
    todo: shareHosts
      ? "set gateway.shareHosts to true in both, and give each routes that take no request of the other's; one of them may take all others"
      : `give each app hosts of its own; ${SPLIT}`,
    detail: { shareHosts, routes },
    fitsBeside: (detail) => {
      const their = detail as Pick<HostRoutes, "shareHosts" | "routes">;
      return kind === "http" && shareHosts && their.shareHosts && overlap(routes, their.routes) === undefined;
    },
  });
  return app.hosts.flatMap((host, index) =>
    at.hosts.includes(host) ? at.kinds.map((kind) => claims(host, index, kind)) : [],
  );
}

/**
 * The claims of an app's hosts inside the mesh, where only one VirtualService counts for a host, even if one routes
 * connections and the other requests, according to Istio's analysis (IST0109).
 */
export function meshHostClaims({ hosts }: HostRoutes, own: string): Claim[] {
  return [...hosts, own].map((host, index): Claim => ({
    key: `route mesh ${host}`,
    at: (findings) => (index < hosts.length ? findings.field("hosts").field(index) : findings.field("appName")),
    what: (other) =>
      `is "${host}", which ${other} has inside the mesh, too: callers there would be routed by one of them alone`,
    todo: "give each app hosts of its own, or set internal to false in all of them but one",
  }));
}

/** The claims of the ports on which an ingress gateway answers, and of the hosts for which it terminates TLS. */
export function serverClaims(
  selector: string,
  servers: readonly Plain<GatewayServerArgs>[],
  appHosts: readonly string[],
  at: (findings: Findings) => Findings,
): Claim[] {
  return servers.flatMap((server, index) => {
    const field = (findings: Findings, name: string) => at(findings).field(index).field(name);
    const kind = portKind(protocolOf(server));
    const port: Claim = {
      key: `port ${selector} ${server.port}`,
      at: (findings) => field(findings, "port"),
      what: (other) =>
        kind === "tcp"
          ? `is ${server.port}, on which a server of ${other} at the same ingress gateway answers, too`
          : `is ${server.port}, on which a server of ${other} at the same ingress gateway speaks otherwise than ${protocolOf(server)}`,
      todo: "servers of one port have to be all plain HTTP or all TLS, and one of TCP is alone: give one of them another port",
      detail: kind,
      fitsBeside: (their) => kind !== "tcp" && their === kind,
    };
    if (kind !== "tls") {
      return [port];
    }
    const hosts = (serverHosts(server, appHosts) ?? []).map(hostNameOf).map((host): Claim => ({
      key: `tls ${selector} ${server.port} ${host}`,
      at: (findings) => field(findings, "hosts"),
      what: (other) =>
        `has "${host}", for which ${other} answers on port ${server.port} of the same ingress gateway, too: Istio takes one of the two and drops the other`,
      todo: "declare the port once, in a SharedGateway that both apps name by gateway.use",
    }));
    return [port, ...hosts];
  });
}

/**
 * The keys of the ingress gateway's ports at which an app is reached, each with the part of the app that counts there.
 */
export function placesOf(
  selector: string,
  servers: readonly Plain<GatewayServerArgs>[],
  { hosts, kinds }: HostsAtPlace,
): { place: string; where: string; at: HostsAtPlace }[] {
  return servers.map((server) => {
    const served = kindServedBy(server);
    return {
      place: `${selector} ${server.port}`,
      where: `on port ${server.port} of the same ingress gateway`,
      at: {
        hosts: hosts.filter((host) => serves(server, host, hosts)),
        kinds: kinds.filter((kind) => served === undefined || kind === served),
      },
    };
  });
}
