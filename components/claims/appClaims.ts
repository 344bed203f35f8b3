import { CLUSTER_DOMAIN, domainInValues } from "../../src/istio/clusterDomain";
import { PLAIN_HTTP } from "../../src/istio/gateway";
import type { Plain } from "../../src/istio/plain";
import { kindsOf } from "../../src/istio/protocol";
import { EVERY_HOST, routedInside, sharesHosts } from "../../src/istio/reach";
import { EVERY_REQUEST } from "../../src/istio/route";
import { SPOKEN_BY_DEFAULT, spokenOf } from "../../src/istio/servicePorts";
import type { Findings } from "../../src/validation/problem";
import { hasUnknown, isKnown } from "../../src/validation/unknown";
import type { CanaryAppArgs } from "../canaryAppArgs";
import { gatewaySelector } from "../ingressGateway";
import type { Claim } from "./claims";
import { type HostRoutes, gatewayHostClaims, meshHostClaims, placesOf, selectorKey, serverClaims } from "./hostClaims";
import { namespaceClaim } from "./meshClaims";
import { type KnownGateway, knownGateway } from "./sharedGateways";

/** The claims of an app's objects and namespace, which are all known before anything is registered. */
export function objectClaims(app: string, args: Plain<CanaryAppArgs>): Claim[] {
  const { name: namespace = app, create = true, inject = create } = args.namespace ?? {};
  const named = (findings: Findings) => findings.field(args.appName === undefined ? "name" : "appName");
  const inNamespace = (findings: Findings) =>
    args.namespace?.name === undefined ? named(findings) : findings.field("namespace").field("name");
  const rule = (name: string, at: Claim["at"]): Claim => ({
    key: `DestinationRule ${namespace}/${name}`,
    at,
    what: (other) => `makes the DestinationRule "${name}" in namespace "${namespace}", as ${other} does`,
    todo: "objects of one namespace need names of their own: give one of the apps another appName or namespace",
  });
  return [
    {
      key: `app ${namespace}/${app}`,
      at: named,
      what: (other) =>
        `is "${app}" in namespace "${namespace}", and so is that of ${other}: their objects have the same names`,
      todo: "give one of them another appName or namespace",
      isWhole: true,
    },
    ...args.versions.flatMap(({ name }, index) => {
      const at = (findings: Findings) => findings.field("versions").field(index).field("name");
      const object = `${app}-${name}`;
      return [
        {
          key: `Deployment ${namespace}/${object}`,
          at,
          what: (other: string) =>
            `is "${name}", which makes the Deployment "${object}" in namespace "${namespace}", as ${other} does`,
          todo: "Deployments of one namespace need names of their own: rename the version or the app, or give one of the apps another namespace",
        },
        rule(object, at),
      ];
    }),
    ...(args.trafficPolicy === undefined ? [] : [rule(app, (findings) => findings.field("trafficPolicy"))]),
    ...(create ? [namespaceClaim(namespace, inNamespace)] : []),
    ...(inject ? injectionClaims(namespace, args) : []),
  ];
}

/** The claim of the label that injects sidecars, if it is known. */
function injectionClaims(namespace: string, { mesh }: Plain<CanaryAppArgs>): Claim[] {
  const revision = isKnown(mesh) ? mesh?.revision : mesh;
  if (!isKnown(revision)) {
    return [];
  }
  const label = revision === undefined ? "istio-injection: enabled" : `istio.io/rev: ${revision}`;
  return [
    {
      key: `injection ${namespace}`,
      at: (findings) => findings.field("mesh").field("revision"),
      what: (other) => `has the namespace "${namespace}" labelled ${label}, and ${other} has it labelled otherwise`,
      todo: "pods of one namespace get the sidecars of one control plane: give both apps the same mesh.revision, or a namespace each",
      detail: label,
      fitsBeside: (their) => their === label,
    },
  ];
}

/** The arguments that decide where an app's hosts are served. */
export interface ReachParts extends Pick<
  Plain<CanaryAppArgs>,
  "hosts" | "gateway" | "internal" | "service" | "routes" | "mesh"
> {
  /** The name of its namespace. */
  namespace: string;
}

/**
 * The claims of an app's hosts, at the gateway and inside the mesh; undefined if they become known later.
 *
 * @param use The value given as `gateway.use`, which is known as an Output even if its value is not.
 */
export function reachClaims(app: string, parts: ReachParts, use: unknown): Claim[] | undefined {
  const { hosts = [...EVERY_HOST], gateway, internal, service, routes, mesh, namespace } = parts;
  const shareHosts = sharesHosts(gateway);
  if (!isKnown(gateway) || !isKnown(mesh) || !isKnown(service) || (shareHosts && hasUnknown(routes))) {
    return undefined;
  }
  const from: HostRoutes = {
    hosts,
    kinds: kindsOf(spokenOf(service) ?? SPOKEN_BY_DEFAULT),
    shareHosts,
    routes: (isKnown(routes) ? routes : undefined) ?? EVERY_REQUEST,
  };
  const inMesh = routedInside({ hosts, internal, shareHosts })
    ? meshHostClaims(from, `${app}.${namespace}.svc.${domainOf(mesh)}`)
    : [];
  if (hosts.length === 0) {
    return inMesh;
  }
  const atGateway =
    gateway?.use === undefined ? ownGatewayClaims(app, parts, from) : usedGatewayClaims(knownGateway(use), from);
  return atGateway && [...atGateway, ...inMesh];
}

/** The domain of the cluster's Services, as far as it is known. */
function domainOf({ clusterDomain, istiodValues }: ReachParts["mesh"] = {}): string {
  const given = isKnown(clusterDomain) ? clusterDomain : undefined;
  return given ?? domainInValues(istiodValues) ?? CLUSTER_DOMAIN;
}

function ownGatewayClaims(
  app: string,
  { gateway, mesh, namespace }: ReachParts,
  from: HostRoutes,
): Claim[] | undefined {
  const servers = gateway?.servers ?? [...PLAIN_HTTP];
  const ingress = mesh?.gateway ?? {};
  if (!isKnown(servers) || !isKnown(ingress) || hasUnknown(servers) || hasUnknown(ingress.selector)) {
    return undefined;
  }
  const selector = selectorKey(gatewaySelector(ingress));
  return [
    gatewayObjectClaim(namespace, app, (findings) => findings.field("appName")),
    ...serverClaims(selector, servers, from.hosts, (findings) => findings.field("gateway").field("servers")),
    ...placesOf(selector, servers, from).flatMap(({ place, where, at }) => gatewayHostClaims(place, where, from, at)),
  ];
}

function usedGatewayClaims(gateway: KnownGateway | undefined, from: HostRoutes): Claim[] | undefined {
  if (gateway?.reference === undefined) {
    return undefined;
  }
  const { reference, selector, servers } = gateway;
  const places = selector === undefined || servers === undefined ? [] : placesOf(selector, servers, from);
  return [
    ...gatewayHostClaims(reference, `at the Gateway ${reference}`, from),
    ...places.flatMap(({ place, where, at }) => gatewayHostClaims(place, where, from, at)),
  ];
}

/** The claim of a Gateway object's name. */
export function gatewayObjectClaim(namespace: string, name: string, at: Claim["at"]): Claim {
  return {
    key: `Gateway ${namespace}/${name}`,
    at,
    what: (other) => `makes the Gateway "${name}" in namespace "${namespace}", as ${other} does`,
    todo: "objects of one namespace need names of their own: rename one of them",
  };
}
