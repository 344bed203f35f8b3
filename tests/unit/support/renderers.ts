import { NETWORKING_API } from "../../../traffic/istioObjects";
import { SECURITY_API } from "../../../traffic/mtls";
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
const policy = (trafficPolicy: object) => networking("DestinationRule", { host: "host", trafficPolicy });
const server = (tls: object) => networking("Gateway", { servers: [{ port: { number: 443, name: "https", protocol: "HTTPS" }, hosts: ["*"], tls }] });

/** The functions that render Istio's objects, or parts of them, by their module. */
export const RENDERERS: Readonly<Record<string, Readonly<Record<string, Whole>>>> = {
  "traffic/access.ts": { authorizationPolicy: (spec) => security("AuthorizationPolicy", spec) },
  "traffic/answers.ts": { renderRedirect: (redirect) => rules([{ redirect }]), renderDirectResponse: (directResponse) => rules([{ directResponse }]) },
  "traffic/connectionRoute.ts": {
    tcpRoute: (tcp) => networking("VirtualService", { hosts: HOSTS, tcp: [tcp] }),
    // Istio wants every server name to be one of the hosts.
    tlsRoute: (tls) => networking("VirtualService", { hosts: tls.match[0].sniHosts, tls: [tls] }),
  },
  "traffic/cors.ts": { renderCors: (corsPolicy) => rule({ corsPolicy }) },
  "traffic/destination.ts": { versionDestination: destination, serviceDestination: destination },
  "traffic/entrances.ts": { gatewaysOf: (gateways) => networking("VirtualService", { hosts: HOSTS, gateways, http: [{ route: ROUTE }] }) },
  "traffic/fault.ts": { renderFault: (fault) => rule({ fault }) },
  "traffic/gateway.ts": { gateway: (spec) => networking("Gateway", spec) },
  "traffic/headers.ts": { renderHeaders: (headers) => rule({ headers }) },
  "traffic/istioObjects.ts": {
    baseDestinationRule: (spec) => networking("DestinationRule", spec),
    versionDestinationRule: (spec) => networking("DestinationRule", spec),
    virtualService: (spec) => networking("VirtualService", spec),
  },
  "traffic/mirrors.ts": { renderMirrors: (mirrors) => rule({ mirrors }) },
  "traffic/mtls.ts": { peerAuthentication: (spec) => security("PeerAuthentication", spec) },
  "traffic/policy/loadBalancing.ts": { renderLoadBalancing: (loadBalancer) => (loadBalancer === undefined ? undefined : policy({ loadBalancer })) },
  "traffic/retries.ts": { renderRetries: (retries) => rule({ retries }) },
  "traffic/rewrite.ts": { renderRewrite: (rewrite) => rule({ rewrite }) },
  "traffic/route.ts": { renderRoute: (route) => rules([route]) },
  "traffic/routing.ts": { renderHttp: rules },
  "traffic/serverTls.ts": { renderServerTls: server },
  "traffic/sticky.ts": { stickyRules: rules },
  "traffic/trafficPolicy.ts": { renderTrafficPolicy: policy },
};

/** Exported functions whose type could be a renderer's, and that are none. */
export const NO_RENDERERS: Readonly<Record<string, readonly string[]>> = {
  "traffic/defined.ts": ["defined"],
  "traffic/mtls.ts": ["checkMtlsMode"],
  "traffic/policyWarnings.ts": ["policyWarnings"],
  "traffic/reach.ts": ["serversFor"],
  "traffic/sticky.ts": ["stickinessOf"],
  "traffic/subsets.ts": ["namedSubsets", "servedSubsets"],
  "traffic/receivers.ts": ["receivers"],
  "traffic/weights.ts": ["resolveShares"],
};
