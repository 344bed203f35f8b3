import { checkHashSharing } from "../src/istio/hashSharing";
import type { Plain } from "../src/istio/plain";
import { receivers } from "../src/istio/receivers";
import { sharesHosts } from "../src/istio/reach";
import { checkRouting } from "../src/istio/routing";
import { appPorts, namedHttpPorts, serviceCheck } from "../src/istio/servicePorts";
import { checkTrafficPolicy } from "../src/istio/trafficPolicy";
import { EVERY_REQUEST } from "../src/istio/route";
import { type Weights, resolveWeights } from "../src/istio/weights";
import { labelsCheck } from "../src/validation/labels";
import type { Findings } from "../src/validation/problem";
import { type Check, type Rule, plain, required, shape } from "../src/validation/shape";
import { isKnown } from "../src/validation/unknown";
import { anything, dnsLabel, flag, serviceName } from "../src/validation/values";
import { versionNames, versionsCheck } from "../src/workload/version";
import { checkReceivers, checkWorkloads, workloadFields } from "../src/workload/workloads";
import { checkDrain } from "../src/workload/drain";
import { type CanaryAppArgs, DEFAULTS, type MeshArgs, type NamespaceArgs } from "./canaryAppArgs";
import { hostsCheck } from "./checkHosts";
import { istioMeshFields, istioMeshRules } from "./checkIstioMesh";
import { checkReaching, plainEntrances } from "./checkReaching";
import { checkSecurity } from "./checkSecurity";
import { checkSidecars } from "./checkSidecars";
import { transitionCheck } from "./checkTransition";
import { withUnknowns } from "./withUnknowns";

/** A Deployment is named after the app and the version, joined by '-', and its pods' names are 17 characters longer. */
const [LONGEST_APP_NAME, LONGEST_NAMES] = [45, 62];

/** A rule: labels are only for a namespace that is created here. */
const ownLabels: Rule<Plain<NamespaceArgs>> = ({ create, labels }, findings) => {
  if (create === false && labels !== undefined) {
    findings
      .field("labels")
      .add("is set for an existing namespace", "labels are for a namespace that is created here: leave them out");
  }
};

/** The labels by which Istio injects sidecars. */
const INJECTING = ["istio-injection", "istio.io/rev"];

/** A rule: a namespace has exactly one injection label, and it is ours unless `inject` is false. */
const oneInjection: Rule<Plain<NamespaceArgs>> = ({ create, inject, labels }, findings) => {
  if (create === false || inject === false || !isKnown(labels) || labels === undefined) {
    return;
  }
  for (const label of INJECTING.filter((name) => Object.hasOwn(labels, name))) {
    findings
      .field("labels")
      .field(label)
      .add(
        "is set, but CanaryApp itself sets the label that injects sidecars",
        "leave it out, and select a revision of an existing mesh by mesh.revision; or set inject to false to manage the label yourself",
      );
  }
};

/** A rule: `revision` selects a revision of an existing mesh. */
const installedElsewhere: Rule<Plain<MeshArgs>> = ({ install, revision }, findings) => {
  if (revision !== undefined && install !== false) {
    const what = "is set, but Istio is installed with this app";
    findings.field("revision").add(what, "a revision selects an existing mesh: set mesh.install to false");
  }
};

/** The app's name, which is also its Service's. */
const appName: Check = (value, findings) => {
  serviceName(LONGEST_APP_NAME)(value, findings);
  if (value === "mesh") {
    findings.add('is "mesh"', "Istio reserves this name of a Gateway for all sidecars: another name is needed");
  }
};

/**
 * The checks of {@link CanaryAppArgs}, each for one argument. For checks that involve several, see
 * {@link checkTogether}.
 */
const FIELDS: Readonly<Record<keyof CanaryAppArgs, Check>> = {
  versions: anything, // the app's name decides how long theirs may be
  weight: anything,
  weights: anything,
  appName: plain(appName),
  namespace: plain(
    shape<Plain<NamespaceArgs>>(
      { name: plain(dnsLabel()), create: plain(flag), inject: plain(flag), labels: labelsCheck },
      ownLabels,
      oneInjection,
    ),
  ),
  service: plain(serviceCheck),
  hosts: plain(hostsCheck),
  gateway: anything,
  internal: plain(flag),
  mtls: anything,
  access: anything,
  routes: anything,
  sticky: anything,
  trafficPolicy: checkTrafficPolicy,
  mesh: plain(
    shape<Plain<MeshArgs>>(
      { ...istioMeshFields, install: plain(flag), revision: dnsLabel(), nativeSidecars: plain(flag) },
      ...istioMeshRules,
      installedElsewhere,
    ),
  ),
  transition: plain(transitionCheck),
  ...workloadFields,
};

/** The names of {@link CanaryAppArgs}. */
export const APP_ARGUMENTS: readonly string[] = Object.keys(FIELDS);

/** What an app's arguments amount to, as far as that is known before anything is registered. */
export interface KnownApp {
  /** The effective weights; undefined if they are invalid or depend on an Output. */
  weights?: Weights;
}

/**
 * Records everything that is wrong with an app's arguments, as far as they are known, and returns what they amount to.
 */
export function checkCanaryApp(name: string, given: CanaryAppArgs, findings: Findings): KnownApp {
  const args = withUnknowns(given);
  const before = findings.all().length;
  const app: unknown = args?.appName ?? name;
  if (args?.appName === undefined) {
    appName(name, findings.field("name"));
  }
  const longestName = LONGEST_NAMES - (typeof app === "string" ? Math.min(app.length, LONGEST_APP_NAME) : 0);
  const versions = required(versionsCheck(longestName), "a list of versions, oldest first,");
  plain(shape<Plain<CanaryAppArgs>>({ ...FIELDS, versions }))(args, findings);
  return typeof args === "object" && args !== null && !Array.isArray(args)
    ? checkTogether(app, args, findings.all().length === before, findings)
    : {};
}

/**
 * Records arguments that conflict, as far as each of them is valid by itself.
 *
 * @param sound Whether every argument is valid by itself.
 */
function checkTogether(app: unknown, args: Plain<CanaryAppArgs>, sound: boolean, findings: Findings): KnownApp {
  const before = findings.all().length;
  const names = versionNames(args.versions);
  const weights = names === undefined ? undefined : resolveWeights(names, args, findings);
  checkWorkloads(args, args.versions, weights, findings);
  checkReaching(args, findings);
  if (args.sticky !== undefined && args.sticky?.enabled !== false && sharesHosts(args.gateway)) {
    findings
      .field("sticky")
      .add(
        "is set, and gateway.shareHosts is true",
        "the cookie that keeps users is for the whole host, so it would also apply to another app's requests: leave one of them out",
      );
  }
  checkSecurity(args, findings);
  checkSidecars(args, findings);
  const httpPorts = namedHttpPorts(args.service);
  checkRouting(args, { versions: names, httpPorts, ...plainEntrances(app, args) }, findings);
  if (sound && findings.all().length === before && names !== undefined && weights !== undefined) {
    checkReceivers(args, weights, receivers(args.routes ?? [], names), findings);
    checkHashes(args, weights, findings);
    checkDrains(args, findings);
  }
  // A lone version gets all traffic whatever its weight is; a weight that becomes known later is checked all the same.
  return isKnown(args.weight) ? { weights } : {};
}

/** Records versions that share requests but hash by different attributes. */
function checkHashes(args: Plain<CanaryAppArgs>, weights: Weights, findings: Findings): void {
  const { trafficPolicy, versions, routes = EVERY_REQUEST, service } = args;
  if (isKnown(routes)) {
    checkHashSharing({ trafficPolicy, versions, ports: appPorts(service) }, routes, weights, findings);
  }
}

/** Records pods whose own grace period or preStop sleep conflicts with the app's `transition`. */
function checkDrains({ versions, pod, service, transition = {} }: Plain<CanaryAppArgs>, findings: Findings): void {
  const ports = isKnown(service) ? appPorts(service).map(({ targetPort }) => targetPort) : [];
  const {
    settleSeconds: settle = DEFAULTS.settleSeconds,
    drainSeconds: preStop = DEFAULTS.drainSeconds,
    graceSeconds: grace = DEFAULTS.graceSeconds,
  } = transition;
  for (const [index, version] of versions.entries()) {
    checkDrain({ ...version, ports }, pod, { settle, preStop, grace }, findings.field("versions").field(index));
  }
}
