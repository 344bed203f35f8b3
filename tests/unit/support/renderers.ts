import { NETWORKING_API } from "../../../src/istio/istioObjects";
import { SECURITY_API } from "../../../src/istio/mtls";
import type { IstioObject } from "./crdSchemas";

/** The object of Istio's in which what a function renders is whole; undefined if it renders nothing. */
export type Whole = (rendered: any) => IstioObject | undefined;

const networking = (kind: string, spec: object): IstioObject => ({ apiVersion: NETWORKING_API, kind, spec });
const security = (kind: string, spec: object): IstioObject => ({ apiVersion: SECURITY_API, kind, spec });

const HOSTS = ["host"];
const ROUTE = [{ destination: { host: "host" } }];

const rules = (http: object[]) => networking("VirtualService", { hosts: HOSTS, http });
const rule = (part: object) => rules([{ ...part, route: ROUTE }]);
const destination = (rendered: object) => rules([{ route: [{ destination: rendered }] }]);
/** One without fields reaches no cluster: whoever looks at what is in force renders what is known so far, too. */
const policy = (trafficPolicy: object) =>
  Object.keys(trafficPolicy).length === 0 ? undefined : networking("DestinationRule", { host: "host", trafficPolicy });
const server = (tls: object) =>
  networking("Gateway", { servers: [{ port: { number: 443, name: "https", protocol: "HTTPS" }, hosts: ["*"], tls }] });

/** The functions that render Istio's objects, or parts of them, by their module. */
export const RENDERERS: Readonly<Record<string, Readonly<Record<string, Whole>>>> = {
  "src/istio/access.ts": { authorizationPolicy: (spec) => security("AuthorizationPolicy", spec) },
  "src/istio/answers.ts": {
    renderRedirect: (redirect) => rules([{ redirect }]),
    renderDirectResponse: (directResponse) => rules([{ directResponse }]),
  },
  "src/istio/connectionRoute.ts": {
    tcpRoute: (tcp) => networking("VirtualService", { hosts: HOSTS, tcp: [tcp] }),
    // Istio wants every server name to be one of the hosts.
    tlsRoute: (tls) => networking("VirtualService", { hosts: tls.match[0].sniHosts, tls: [tls] }),
  },
  "src/istio/cors.ts": { renderCors: (corsPolicy) => rule({ corsPolicy }) },
  "src/istio/destination.ts": { versionDestination: destination, serviceDestination: destination },
  "src/istio/ejection.ts": {
    renderEjectingPolicy: (rendered) => (rendered === undefined ? undefined : policy(rendered)),
  },
  "src/istio/entrances.ts": {
    gatewaysOf: (gateways) => networking("VirtualService", { hosts: HOSTS, gateways, http: [{ route: ROUTE }] }),
  },
  "src/istio/fault.ts": { renderFault: (fault) => rule({ fault }) },
  "src/istio/gateway.ts": { gateway: (spec) => networking("Gateway", spec) },
  "src/istio/gatewayServer.ts": { renderServer: (one) => networking("Gateway", { servers: [one] }) },
  "src/istio/headers.ts": { renderHeaders: (headers) => rule({ headers }) },
  "src/istio/istioObjects.ts": {
    baseDestinationRule: (spec) => networking("DestinationRule", spec),
    versionDestinationRule: (spec) => networking("DestinationRule", spec),
    virtualService: (spec) => networking("VirtualService", spec),
  },
  "src/istio/mirrors.ts": { renderMirrors: (mirrors) => rule({ mirrors }) },
  "src/istio/mtls.ts": { peerAuthentication: (spec) => security("PeerAuthentication", spec) },
  "src/istio/policy/loadBalancing.ts": {
    renderLoadBalancing: (loadBalancer) => (loadBalancer === undefined ? undefined : policy({ loadBalancer })),
  },
  "src/istio/portRoutes.ts": {
    portRoutes: (lists) => networking("VirtualService", { hosts: lists.tls?.[0].match[0].sniHosts ?? HOSTS, ...lists }),
  },
  "src/istio/retries.ts": { renderRetries: (retries) => rule({ retries }) },
  "src/istio/rewrite.ts": { renderRewrite: (rewrite) => rule({ rewrite }) },
  "src/istio/route.ts": { renderRoute: (route) => rules([route]) },
  "src/istio/routing.ts": { renderHttp: rules },
  "src/istio/serverTls.ts": { renderServerTls: server },
  "src/istio/sticky.ts": { stickyRules: rules },
  "src/istio/trafficPolicy.ts": { renderTrafficPolicy: policy },
};

/** Exported functions whose type could be a renderer's, and that are none. */
export const NO_RENDERERS: Readonly<Record<string, readonly string[]>> = {
  "src/istio/clusterDomain.ts": ["domainInValues", "withDomain"],
  "src/istio/ejection.ts": ["leastPercent", "percentOf"],
  "src/istio/ejectionWarnings.ts": ["ejectionWarnings"],
  "src/istio/gatewayServer.ts": ["serverHosts"],
  "src/istio/hashSharing.ts": ["firstOf", "hashConflict", "sharersOf"],
  "src/istio/meshDefaults.ts": ["ingressLabels"],
  "src/istio/mtls.ts": ["checkMtlsMode"],
  "src/istio/narrowedMatch.ts": ["Inexpressible", "narrowed"],
  "src/istio/policyInForce.ts": ["blockInForce", "portSettingsIndex"],
  "src/istio/policyWarnings.ts": ["policyWarnings"],
  "src/istio/portRoutes.ts": ["destinationPorts", "portsOf"],
  "src/istio/protocol.ts": ["kindsOf", "routesKind"],
  "src/istio/reach.ts": ["kindServedBy", "serversFor"],
  "src/istio/servedPorts.ts": ["portServedBy", "serversOfFirst", "unroutedPorts"],
  "src/istio/serviceHosts.ts": ["foreignServices"],
  "src/istio/servicePorts.ts": ["appPorts", "namedHttpPorts", "portNumbers", "spokenOf"],
  "src/istio/sticky.ts": ["stickinessOf"],
  "src/istio/subsets.ts": ["namedSubsets", "servedSubsets", "specOf", "startedSubsets"],
  "src/istio/receivers.ts": ["receivers"],
  "src/istio/reachability.ts": ["matchesOf", "reachable"],
  "src/istio/serverKinds.ts": ["portKind"],
  "src/istio/sharedHosts.ts": ["overlap"],
  // What they give is held against the rendered spec by a property.
  "src/istio/weightedRules.ts": ["weightedRules", "withWeights"],
  "src/istio/weights.ts": ["inOrder", "resolveWeights"],
};
