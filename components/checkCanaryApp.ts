import type { Plain } from "../src/istio/plain";
import { ServiceProtocol } from "../src/istio/protocol";
import { receivers } from "../src/istio/receivers";
import { checkRouting } from "../src/istio/routing";
import { checkTrafficPolicy } from "../src/istio/trafficPolicy";
import { type Weights, resolveWeights } from "../src/istio/weights";
import { checkFields } from "../src/validation/fields";
import { checkBoolean, checkKnown } from "../src/validation/kinds";
import { labelsCheck } from "../src/validation/labels";
import { checkDnsLabel, checkHost, checkServiceName, takesIn } from "../src/validation/names";
import { checkInteger, checkPort } from "../src/validation/numbers";
import { type Findings, shown } from "../src/validation/problem";
import { isKnown } from "../src/validation/unknown";
import { oneOf } from "../src/validation/values";
import { checkVersions } from "../src/workload/version";
import { checkReceivers, checkWorkloads } from "../src/workload/workloads";
import {
  APP_ARGUMENTS,
  type CanaryAppArgs,
  DEFAULTS,
  type MeshArgs,
  type NamespaceArgs,
  type ServiceArgs,
  type TransitionArgs,
} from "./canaryAppArgs";
import { checkIstioMesh } from "./checkIstioMesh";
import { checkReaching, plainEntrances } from "./checkReaching";
import { checkSecurity } from "./checkSecurity";
import { withUnknowns } from "./withUnknowns";

/** What an app's arguments come to, as far as that is known before anything is registered. */
export interface KnownApp {
  /** The weights in force; undefined if they are not sound, or depend on an Output. */
  weights?: Weights;
}

/** Records everything that is wrong with an app's arguments as far as they are known, and gives what they come to. */
export function checkCanaryApp(name: string, given: CanaryAppArgs, findings: Findings): KnownApp {
  const args = withUnknowns(given);
  const before = findings.all().length;
  if (!checkKnown(args, findings) || !checkFields(args, APP_ARGUMENTS, findings)) {
    return {};
  }
  const [app, appField] =
    args.appName === undefined ? [name, findings.field("name")] : [args.appName, findings.field("appName")];
  if (checkKnown(app, appField)) {
    checkServiceName(app, appField, LONGEST_APP_NAME);
    if (app === "mesh") {
      appField.add('is "mesh"', "where Gateways are named, that word stands for all sidecars: another name is needed");
    }
  }
  checkVersions(
    args.versions,
    findings.field("versions"),
    62 - (typeof app === "string" ? Math.min(app.length, LONGEST_APP_NAME) : 0),
  );
  const names = Array.isArray(args.versions) ? Array.from(args.versions, (version) => version?.name) : [];
  const weights = names.every((each) => typeof each === "string") ? resolveWeights(names, args, findings) : undefined;
  checkWorkloads(args, args.versions, weights, findings);
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
  if (findings.all().length === before && versions !== undefined && weights !== undefined) {
    checkReceivers(args, weights, receivers(args.routes ?? [], versions), findings);
  }
  // A lone version has all traffic whatever its weight is, but one that is known later is still to be checked.
  return isKnown(args.weight) ? { weights } : {};
}

/** A Deployment's name is the app's, '-' and the version's, and its pods' names get 17 characters more. */
const LONGEST_APP_NAME = 45;

function checkNamespace(namespace: Plain<NamespaceArgs> | undefined, findings: Findings): void {
  if (
    namespace === undefined ||
    !checkKnown(namespace, findings) ||
    !checkFields(namespace, ["name", "create", "inject", "labels"], findings)
  ) {
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
    findings
      .field("labels")
      .add(
        "is set for a namespace that is there already",
        "only one that is made here gets labels of yours; leave it out",
      );
  }
  if (labels !== undefined) {
    labelsCheck(labels, findings.field("labels"));
  }
}

function checkService(service: Plain<ServiceArgs> | undefined, findings: Findings): void {
  if (
    service !== undefined &&
    checkKnown(service, findings) &&
    checkFields(service, ["port", "targetPort", "protocol"], findings)
  ) {
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
      const how = takesIn(hosts[other], host)
        ? `which hosts[${other}] takes in already`
        : `which takes in hosts[${other}] too`;
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
  const fields = ["settleSeconds", "drainSeconds", "graceSeconds", "readySeconds"];
  if (transition === undefined || !checkKnown(transition, findings) || !checkFields(transition, fields, findings)) {
    return;
  }
  const {
    settleSeconds = DEFAULTS.settleSeconds,
    drainSeconds = DEFAULTS.drainSeconds,
    graceSeconds = DEFAULTS.graceSeconds,
    readySeconds = DEFAULTS.readySeconds,
  } = transition;
  const before = findings.all().length;
  if (isKnown(settleSeconds) && !(typeof settleSeconds === "number" && settleSeconds >= 0 && settleSeconds <= 60)) {
    findings.field("settleSeconds").add(`is ${shown(settleSeconds)}`, "a number of seconds from 0 to 60 is needed");
  }
  checkInteger(drainSeconds, findings.field("drainSeconds"), 1, 3600, "a whole number of seconds from 1 to 3600");
  checkInteger(graceSeconds, findings.field("graceSeconds"), 1, 7200, "a whole number of seconds from 1 to 7200");
  if (checkKnown(readySeconds, findings.field("readySeconds"))) {
    checkInteger(readySeconds, findings.field("readySeconds"), 1, 7200, "a whole number of seconds from 1 to 7200");
  }
  if (findings.all().length > before) {
    return;
  }
  if (isKnown(settleSeconds) && isKnown(drainSeconds) && drainSeconds <= settleSeconds) {
    const why = "a pod must answer until no proxy sends to it";
    findings
      .field("drainSeconds")
      .add(`is ${drainSeconds}`, `more than settleSeconds (${settleSeconds}) is needed: ${why}`);
  }
  if (isKnown(drainSeconds) && isKnown(graceSeconds) && graceSeconds <= drainSeconds) {
    const why = "or the pod is killed while it drains";
    findings
      .field("graceSeconds")
      .add(`is ${graceSeconds}`, `more than drainSeconds (${drainSeconds}) is needed, ${why}`);
  }
}
