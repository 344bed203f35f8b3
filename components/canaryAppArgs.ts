import type * as pulumi from "@pulumi/pulumi";
import { checkFields } from "../validation/fields";
import { checkBoolean, checkKnown, checkObject } from "../validation/kinds";
import { checkDnsLabel, checkHost, checkServiceName, takesIn } from "../validation/names";
import { checkInteger, checkPort } from "../validation/numbers";
import type { AccessRuleArgs } from "../traffic/access";
import type { GatewayArgs } from "../traffic/gateway";
import type { MtlsMode } from "../traffic/mtls";
import type { Plain } from "../traffic/plain";
import { ServiceProtocol } from "../traffic/protocol";
import { receivers } from "../traffic/receivers";
import { Findings, shown } from "../validation/problem";
import type { RouteArgs } from "../traffic/route";
import { checkRouting } from "../traffic/routing";
import type { StickyArgs } from "../traffic/sticky";
import { type TrafficPolicyArgs, checkTrafficPolicy } from "../traffic/trafficPolicy";
import { isKnown } from "../validation/unknown";
import { oneOf } from "../validation/values";
import { EVERY_HOST } from "../traffic/reach";
import { resolveShares } from "../traffic/weights";
import { type VersionArgs, checkVersions } from "../workload/version";
import { WORKLOAD_FIELDS, type WorkloadArgs, checkReceivers, checkWorkloads } from "../workload/workloads";
import { checkReaching, plainEntrances } from "./appReach";
import { checkSecurity } from "./appSecurity";
import { type IstioMeshArgs, checkIstioMesh } from "./istioMesh";
import { withUnknowns } from "./withUnknowns";

/** The mesh that an app joins. */
export interface MeshArgs extends IstioMeshArgs {
  /** Whether Istio is installed with this app. False for the mesh that is there already. @default true */
  install?: boolean;
  /**
   * The revision or revision tag of the mesh that is there; the namespace gets the label `istio.io/rev` with it instead of
   * `istio-injection: enabled`. @default the default revision
   */
  revision?: pulumi.Input<string>;
}

/** The namespace that an app lives in. */
export interface NamespaceArgs {
  /** Its name. A DNS label. @default the app's name */
  name?: string;
  /** Whether it is made here. False for one that is there. @default true */
  create?: boolean;
  /**
   * Whether it gets the label that has sidecars injected. For a namespace that is there, only that label becomes ours, and goes
   * again with the app. Namespace `metadata.labels`. @default true for one that is made here, false for one that is there
   */
  inject?: boolean;
  /** More labels for a namespace that is made here. Namespace `metadata.labels`. */
  labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** The Service that stands for all versions. */
export interface ServiceArgs {
  /** The port that callers use. @default 80. Service `spec.ports[0].port`. */
  port?: pulumi.Input<number>;
  /** The port that the pods listen on. @default 8080. Service `spec.ports[0].targetPort`. */
  targetPort?: pulumi.Input<number>;
  /** What the app speaks: `http`, `http2`, `grpc`, `tcp`, `tls`. @default "http". Service `spec.ports[0].appProtocol`, and the kind of VirtualService routes. */
  protocol?: ServiceProtocol;
}

/** How a change of versions is kept free of failed requests. */
export interface TransitionArgs {
  /**
   * How long every proxy of the mesh gets to follow, in seconds from 0 to 60: once before a new version's first request, and once
   * before an old version's pods go. A change of weights alone waits for neither. Large meshes need more. @default 1.5
   */
  settleSeconds?: pulumi.Input<number>;
  /** How long a pod goes on answering after it was told to go, in whole seconds from 1. Longer than the settling. @default 5 */
  drainSeconds?: pulumi.Input<number>;
  /** How long a pod has for that and its open requests before it is killed, in whole seconds. Longer than the draining. @default 30 */
  graceSeconds?: pulumi.Input<number>;
}

/** An app in several versions that run side by side and share its traffic. */
export interface CanaryAppArgs extends WorkloadArgs {
  /** The versions, oldest first. */
  versions: VersionArgs[];
  /** The newest version's share in percent, 0 to 100, where there are two versions; the older one gets the rest. Set this or `weights`. */
  weight?: pulumi.Input<number>;
  /** Every version's share in percent, by name, with the sum 100; for any number of versions. Set this or `weight`. */
  weights?: pulumi.Input<Record<string, pulumi.Input<number>>>;
  /** The app's name: its Service, the pods' label `app`, and the start of its objects' names. A DNS label that starts with a letter. @default the component's name */
  appName?: string;
  /** The namespace it lives in. */
  namespace?: NamespaceArgs;
  /** The Service that stands for all versions. */
  service?: ServiceArgs;
  /**
   * The whole host names of requests from outside, through the ingress gateway; `[]` for an app that only the mesh reaches. With `*`,
   * callers inside the mesh are not routed by the weights, because Istio allows no `*` there. @default ["*"]
   */
  hosts?: string[];
  /** The Gateway that lets the requests for the hosts in: ports and TLS, or one that is there already. @default its own, plain HTTP on port 80 */
  gateway?: GatewayArgs;
  /** Whether callers inside the mesh are routed by the weights, too. VirtualService `gateways` with `mesh`. @default true, unless a host is `*` */
  internal?: boolean;
  /** What the pods take from callers: `STRICT`, `PERMISSIVE` or `DISABLE`. PeerAuthentication `mtls.mode`. @default the mesh's, which is Istio's `PERMISSIVE` */
  mtls?: pulumi.Input<MtlsMode>;
  /**
   * Who may call the app; everyone else gets 403. A change holds for new connections at once. One that callers' proxies hold open
   * serves one more request by the old rules and is closed then, or after 45 seconds without one; a request that is still under way
   * 45 seconds after the change ends with 503. AuthorizationPolicy `rules`. @default everyone
   */
  access?: pulumi.Input<pulumi.Input<AccessRuleArgs>[]>;
  /** Rules for some of the requests, the first that matches counts. What none takes gets 404. @default one that takes every request */
  routes?: pulumi.Input<RouteArgs>[];
  /** Whether users stay with the version that answered them first. @default every request is shared anew */
  sticky?: pulumi.Input<StickyArgs>;
  /** How callers treat the pods of all versions. DestinationRule `trafficPolicy`. @default Istio's */
  trafficPolicy?: pulumi.Input<TrafficPolicyArgs>;
  /** The mesh it joins: installed with it, or there already. */
  mesh?: MeshArgs;
  /** How a change of versions is kept free of failed requests. */
  transition?: TransitionArgs;
}

/** Defaults that more than one place needs. */
export const DEFAULTS = { hosts: EVERY_HOST, port: 80, targetPort: 8080, settleSeconds: 1.5, drainSeconds: 5, graceSeconds: 30 } as const;

/** The names of {@link CanaryAppArgs}. */
export const APP_ARGUMENTS: readonly string[] = [
  "versions", "weight", "weights", "appName", "namespace", "service", "hosts", "gateway", "internal", "mtls", "access",
  "routes", "sticky", "trafficPolicy", "mesh", "transition", ...WORKLOAD_FIELDS,
];

/** Records everything that is wrong with an app's arguments as far as they are known. */
export function checkCanaryApp(name: string, given: CanaryAppArgs, findings: Findings): void {
  const args = withUnknowns(given);
  const before = findings.all().length;
  if (!checkKnown(args, findings) || !checkFields(args, APP_ARGUMENTS, findings)) {
    return;
  }
  const [app, appField] = args.appName === undefined ? [name, findings.field("name")] : [args.appName, findings.field("appName")];
  if (checkKnown(app, appField)) {
    checkServiceName(app, appField, LONGEST_APP_NAME);
    if (app === "mesh") {
      appField.add('is "mesh"', "where Gateways are named, that word stands for all sidecars: another name is needed");
    }
  }
  checkVersions(args.versions, findings.field("versions"), 62 - (typeof app === "string" ? Math.min(app.length, LONGEST_APP_NAME) : 0));
  const names = Array.isArray(args.versions) ? Array.from(args.versions, (version) => version?.name) : [];
  const shares = names.every((each) => typeof each === "string") ? resolveShares(names, args, findings) : undefined;
  checkWorkloads(args, args.versions, shares, findings);
  checkNamespace(args.namespace, findings.field("namespace"));
  checkService(args.service, findings.field("service"));
  checkHosts(args.hosts, findings.field("hosts"));
  checkReaching(args, findings);
  checkSecurity(args, findings);
  checkMesh(given.mesh, findings.field("mesh"));
  checkTransition(args.transition, findings.field("transition"));
  if (args.trafficPolicy !== undefined) {
    checkTrafficPolicy(args.trafficPolicy, findings.field("trafficPolicy"));
  }
  const versions = names.length > 0 && names.every((each) => typeof each === "string") ? names : undefined;
  checkRouting(args, { versions, ...plainEntrances(app, args) }, findings);
  if (findings.all().length === before && versions !== undefined && shares !== undefined) {
    checkReceivers(args, shares, receivers(args.routes ?? [], versions), findings);
  }
}

/** A Deployment's name is the app's, '-' and the version's, and its pods' names get 17 characters more. */
const LONGEST_APP_NAME = 45;

function checkNamespace(namespace: Plain<NamespaceArgs> | undefined, findings: Findings): void {
  if (namespace === undefined || !checkKnown(namespace, findings) || !checkFields(namespace, ["name", "create", "inject", "labels"], findings)) {
    return;
  }
  const { name, create, inject, labels } = namespace;
  if (name !== undefined && checkKnown(name, findings.field("name"))) {
    checkDnsLabel(name, findings.field("name"));
  }
  if (create !== undefined && checkKnown(create, findings.field("create"))) {
    checkBoolean(create, findings.field("create"));
  }
  if (inject !== undefined && checkKnown(inject, findings.field("inject"))) {
    checkBoolean(inject, findings.field("inject"));
  }
  if (labels !== undefined && create === false) {
    findings.field("labels").add("is set for a namespace that is there already", "only one that is made here gets labels of yours; leave it out");
  }
  if (labels !== undefined && checkObject(labels, findings.field("labels"), "an object of texts by label names")) {
    for (const [label, value] of Object.entries(labels)) {
      if (isKnown(value) && typeof value !== "string") {
        findings.field("labels").field(label).add(`is ${shown(value)}`, "a text is needed");
      }
    }
  }
}

function checkService(service: Plain<ServiceArgs> | undefined, findings: Findings): void {
  if (service !== undefined && checkKnown(service, findings) && checkFields(service, ["port", "targetPort", "protocol"], findings)) {
    checkPort(service.port ?? DEFAULTS.port, findings.field("port"));
    checkPort(service.targetPort ?? DEFAULTS.targetPort, findings.field("targetPort"));
    if (service.protocol !== undefined && checkKnown(service.protocol, findings.field("protocol"))) {
      oneOf(Object.values(ServiceProtocol))(service.protocol, findings.field("protocol"));
    }
  }
}

function checkHosts(hosts: readonly string[] | undefined, findings: Findings): void {
  if (hosts === undefined || !checkKnown(hosts, findings)) {
    return;
  }
  if (!Array.isArray(hosts)) {
    findings.add(`is ${shown(hosts)}`, "a list of host names is needed; [] for none");
    return;
  }
  for (const [index, host] of hosts.entries()) {
    const field = findings.field(index);
    if (!checkKnown(host, field)) {
      continue;
    }
    const before = findings.all().length;
    checkHost(host, field);
    if (findings.all().length > before) {
      continue;
    }
    const other = hosts.slice(0, index).findIndex((earlier) => takesIn(earlier, host) || takesIn(host, earlier));
    if (other >= 0) {
      const how = takesIn(hosts[other], host) ? `which hosts[${other}] takes in already` : `which takes in hosts[${other}] too`;
      field.add(`is ${shown(host)}, ${how}`, "leave one of them out: Istio refuses hosts that overlap");
    }
  }
}

/** `given` with its Outputs as they are, so that one in place of what must be plain is refused. */
function checkMesh(given: MeshArgs | undefined, findings: Findings): void {
  const mesh = withUnknowns(given);
  if (mesh === undefined || given === undefined || !checkKnown(mesh, findings)) {
    return;
  }
  checkIstioMesh(given, findings, ["install", "revision"]);
  const { install, revision } = mesh ?? {};
  if (install !== undefined && checkKnown(install, findings.field("install"))) {
    checkBoolean(install, findings.field("install"));
  }
  checkRevision(revision, findings.field("revision"));
  if (revision !== undefined && install !== false) {
    const what = "is set, but Istio is installed with this app";
    findings.field("revision").add(what, "a revision names a mesh that is there already: set mesh.install to false");
  }
}

/** Records what is wrong with a revision or tag of Istio; it becomes a label's value. */
export function checkRevision(revision: unknown, findings: Findings): void {
  if (revision !== undefined) {
    checkDnsLabel(revision, findings);
  }
}

/** Records what is wrong with the times of a change of versions. */
export function checkTransition(transition: Plain<TransitionArgs> | undefined, findings: Findings): void {
  const fields = ["settleSeconds", "drainSeconds", "graceSeconds"];
  if (transition === undefined || !checkKnown(transition, findings) || !checkFields(transition, fields, findings)) {
    return;
  }
  const { settleSeconds = DEFAULTS.settleSeconds, drainSeconds = DEFAULTS.drainSeconds, graceSeconds = DEFAULTS.graceSeconds } = transition;
  const before = findings.all().length;
  if (isKnown(settleSeconds) && !(typeof settleSeconds === "number" && settleSeconds >= 0 && settleSeconds <= 60)) {
    findings.field("settleSeconds").add(`is ${shown(settleSeconds)}`, "a number of seconds from 0 to 60 is needed");
  }
  checkInteger(drainSeconds, findings.field("drainSeconds"), 1, 3600, "a whole number of seconds from 1 to 3600");
  checkInteger(graceSeconds, findings.field("graceSeconds"), 1, 7200, "a whole number of seconds from 1 to 7200");
  if (findings.all().length > before) {
    return;
  }
  if (isKnown(settleSeconds) && isKnown(drainSeconds) && drainSeconds <= settleSeconds) {
    const why = "a pod must answer until no proxy sends to it";
    findings.field("drainSeconds").add(`is ${drainSeconds}`, `more than settleSeconds (${settleSeconds}) is needed: ${why}`);
  }
  if (isKnown(drainSeconds) && isKnown(graceSeconds) && graceSeconds <= drainSeconds) {
    const why = "or the pod is killed while it drains";
    findings.field("graceSeconds").add(`is ${graceSeconds}`, `more than drainSeconds (${drainSeconds}) is needed, ${why}`);
  }
}
