import { isObject } from "../../internal/objects";
import { CLUSTER_DOMAIN } from "../../istio/clusterDomain";
import { portKind } from "../../istio/serverKinds";
import { overlap } from "../../istio/sharedHosts";
import { takesIn } from "../../validation/names";
import { type Inputs, objectName } from "../change/resourceChange";

/** A host or a port that an object of the stack and another one of the cluster both have. */
export interface ClaimedElsewhere {
  /** The stack's object, as `KIND namespace/name`. */
  object: string;
  /** The other one, as `KIND namespace/name`. */
  other: string;
  /** What both have, in words. */
  what: string;
  /** What comes of it, in words. */
  outcome: string;
}

/** A cluster's VirtualServices and Gateways. */
export interface Routing {
  virtualServices: readonly Inputs[];
  gateways: readonly Inputs[];
}

const MESH = "mesh";

/**
 * The hosts and ports that objects of a stack have in common with others of the cluster. Istio accepts all of that in
 * silence, and one of the two objects counts.
 *
 * @param own The stack's objects as they will be.
 * @param others The cluster's, without the stack's.
 */
export function claimedElsewhere(own: Routing, others: Routing): ClaimedElsewhere[] {
  const gateways = gatewaysByName([...others.gateways, ...own.gateways]);
  return [
    ...own.virtualServices.flatMap((object) =>
      others.virtualServices.flatMap((other) => sharedHost(object, other, gateways) ?? []),
    ),
    ...own.gateways.flatMap((object) => others.gateways.flatMap((other) => sharedServer(object, other) ?? [])),
  ];
}

type ByName = ReadonlyMap<string, Inputs>;

function gatewaysByName(gateways: readonly Inputs[]): ByName {
  return new Map(gateways.map((gateway) => [objectName(gateway), gateway]));
}

/** The first host that two VirtualServices have where only one of them counts. */
function sharedHost(one: Inputs, other: Inputs, gateways: ByName): ClaimedElsewhere | undefined {
  const kinds = (["http", "tls", "tcp"] as const).filter((each) => has(one, each) && has(other, each));
  const domain = domainOf(one);
  const theirs = hostsOf(other, domain);
  const hosts = hostsOf(one, domain).filter((host) => theirs.includes(host));
  if (kinds.length === 0) {
    return undefined;
  }
  for (const host of hosts) {
    if ([one, other].every((each) => gatewaysOf(each).includes(MESH)) && seesEachOther(one, other)) {
      return {
        ...named("VirtualService", one, other),
        what: `the host ${host} inside the mesh`,
        outcome: `callers there are routed by the older one alone`,
      };
    }
    const place = placesOf(one, host, gateways).find((each) => placesOf(other, host, gateways).includes(each));
    const [common] = kinds.flatMap((kind) =>
      kind === "http" ? (overlap(one.spec.http, other.spec.http) ?? []) : "both take its connections",
    );
    if (place !== undefined && common !== undefined) {
      return {
        ...named("VirtualService", one, other),
        what: `the host ${host} at the same gateway, and ${common}`,
        outcome: `those go where the older one sends them, whatever the weights here are`,
      };
    }
  }
  return undefined;
}

function has({ spec }: Inputs, kind: string): boolean {
  return Array.isArray(spec?.[kind]) && spec[kind].length > 0;
}

/** A VirtualService's hosts, with short names of Services completed as Istio does. */
function hostsOf({ spec, metadata }: Inputs, domain: string): string[] {
  return textsIn(spec?.hosts).map((host) =>
    host === "*" || host.includes(".") ? host : `${host}.${metadata?.namespace ?? "default"}.svc.${domain}`,
  );
}

/** The domain of the cluster's Services, which the routes of an app have behind the names of its Service. */
function domainOf({ spec }: Inputs): string {
  const routes = ["http", "tcp", "tls"].flatMap((kind) => objectsIn(spec?.[kind]));
  const targets = routes.flatMap(({ route }) => objectsIn(route).map(({ destination }) => destination));
  const own = targets.filter((target) => target?.subset !== undefined);
  const [domain] = textsIn([...own, ...targets].map((target) => target?.host).concat(spec?.hosts)).flatMap(
    (host) => /^[^.]+\.[^.]+\.svc\.(.+)$/.exec(host)?.[1] ?? [],
  );
  return domain ?? CLUSTER_DOMAIN;
}

function gatewaysOf({ spec, metadata }: Inputs): string[] {
  const names = textsIn(spec?.gateways);
  return (names.length === 0 ? [MESH] : names).map((name) =>
    name === MESH || name.includes("/") ? name : `${metadata?.namespace ?? "default"}/${name}`,
  );
}

/** Whether there may be a proxy that knows both: objects can be kept to their own namespace. */
function seesEachOther(one: Inputs, other: Inputs): boolean {
  const kept = ({ spec }: Inputs) => textsIn(spec?.exportTo).join() === ".";
  return one.metadata?.namespace === other.metadata?.namespace || !(kept(one) || kept(other));
}

/** Where at the cluster's ingress gateways a VirtualService has a host: by each Gateway's name, pods and ports. */
function placesOf(virtualService: Inputs, host: string, gateways: ByName): string[] {
  return gatewaysOf(virtualService)
    .filter((name) => name !== MESH)
    .flatMap((name) => {
      const gateway = gateways.get(name);
      const servers = serversOf(gateway).filter(({ hosts }) =>
        textsIn(hosts).some((each) => takesIn(withoutNamespace(each), host)),
      );
      return [name, ...servers.map(({ port }) => `${selectorOf(gateway)} ${port?.number}`)];
    });
}

/** The first port, or host of one, of which two Gateways for the same pods cannot both have their way. */
function sharedServer(one: Inputs, other: Inputs): ClaimedElsewhere | undefined {
  if (selectorOf(one) !== selectorOf(other)) {
    return undefined;
  }
  for (const server of serversOf(one)) {
    for (const their of serversOf(other).filter(({ port }) => port?.number === server.port?.number)) {
      const [kind, theirKind] = [server, their].map(({ port }) => portKind(String(port?.protocol ?? "HTTP")));
      const what = `port ${server.port?.number} of the same ingress gateway`;
      if (kind !== theirKind || kind === "tcp") {
        return {
          ...named("Gateway", one, other),
          what: `${what}, with ${server.port?.protocol} and ${their.port?.protocol}`,
          outcome: "Istio takes the server of the older one, and drops the other",
        };
      }
      const host = textsIn(server.hosts)
        .map(withoutNamespace)
        .find((each) => textsIn(their.hosts).map(withoutNamespace).includes(each));
      if (kind === "tls" && host !== undefined) {
        return {
          ...named("Gateway", one, other),
          what: `${host} on ${what}`,
          outcome: "Istio takes the certificate of the older one, and drops the other",
        };
      }
    }
  }
  return undefined;
}

function named(kind: string, one: Inputs, other: Inputs): Pick<ClaimedElsewhere, "object" | "other"> {
  return { object: `${kind} ${objectName(one)}`, other: `${kind} ${objectName(other)}` };
}

function serversOf(gateway: Inputs | undefined): Inputs[] {
  return objectsIn(gateway?.spec?.servers);
}

function objectsIn(value: unknown): Inputs[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function selectorOf(gateway: Inputs | undefined): string {
  const labels: Inputs = isObject(gateway?.spec?.selector) ? gateway.spec.selector : {};
  return JSON.stringify(Object.entries(labels).sort(([name], [next]) => (name < next ? -1 : 1)));
}

function withoutNamespace(host: string): string {
  return host.slice(host.indexOf("/") + 1);
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
