import type { Plain } from "./plain";
import { LoadBalancer } from "./policy/loadBalancing";
import { Findings } from "../validation/problem";
import { percentOf } from "./ejection";
import { type EjectingVersion, ejectionWarnings } from "./ejectionWarnings";
import { type HashedApp, SAME_HASH, firstOf, hashConflict } from "./hashSharing";
import { type RoutedPort, destinationPorts } from "./portRoutes";
import { hasRoutesOf, routesKind, spokenInWords } from "./protocol";
import { EVERY_REQUEST, type RouteArgs, isShared } from "./route";
import type { StickyArgs } from "./sticky";
import { type DestinationPolicyArgs, type TrafficPolicyArgs, checkTrafficPolicy } from "./trafficPolicy";
import type { Warning } from "../validation/warning";
import { portNumbers } from "./servicePorts";
import type { Weights } from "./weights";

/** The policies of an app, and what they apply to. */
export interface PolicyUse {
  /** The service's policy. */
  trafficPolicy?: Plain<TrafficPolicyArgs>;
  /** The versions with their own policies and their minimum number of pods, as far as that is known. */
  versions: readonly EjectingVersion[];
  /** Each version's weight in percent. */
  weights: Weights;
  /** The Service's ports. */
  ports: readonly RoutedPort[];
  /** Whether they come from the list `service.ports`. @default one port is given by `service.port` */
  listed?: boolean;
  /** Whether users stay with their version. */
  sticky?: Plain<StickyArgs>;
  /** Its routes. @default one for every request */
  routes?: readonly Plain<RouteArgs>[];
}

/** Warnings about an app's policies. Policies with mistakes are skipped: those are refused anyway. */
export function policyWarnings(use: PolicyUse): Warning[] {
  const { weights, ports, listed, sticky } = use;
  const service = sound(use.trafficPolicy);
  const versions = use.versions.map((version) => ({ ...version, trafficPolicy: sound(version.trafficPolicy) }));
  const own = versions.map(({ trafficPolicy }) => trafficPolicy);
  const servicePorts = portNumbers(ports);
  return [
    ...(service === undefined ? [] : warningsOf("trafficPolicy", service, servicePorts)),
    ...own.flatMap((policy, index) =>
      policy === undefined ? [] : warningsOf(`versions[${index}].trafficPolicy`, policy, servicePorts, service),
    ),
    ...(keepsVersions(sticky)
      ? []
      : hashAcrossVersions(
          service,
          versions.map(({ name }, index) => ({ policy: own[index], share: weights[name] ?? 0 })),
        )),
    ...ejectionWarnings(versions, service, servicePorts),
    ...differentHashes({ trafficPolicy: service, versions, ports }, use.routes),
    ...[service, ...own].flatMap((policy, index) =>
      connectionsOnly(index === 0 ? "trafficPolicy" : `versions[${index - 1}].trafficPolicy`, policy, ports, listed),
    ),
  ];
}

/** Versions that will be refused as soon as they share requests, or that could not be checked before. */
function differentHashes(app: HashedApp, routes: PolicyUse["routes"] = EVERY_REQUEST): Warning[] {
  const names = app.versions.map(({ name }) => name);
  const shared = new Set(routes.filter(isShared).flatMap((route) => destinationPorts(route, app.ports)));
  const conflict = firstOf(shared, (port) => hashConflict(app, names, port));
  if (conflict === undefined) {
    return [];
  }
  const [one, other] = conflict.indexes;
  const what = `hashes by ${conflict.key}, and versions[${one}] by ${conflict.other}: while both get requests by one route, neither keeps callers on their pods, so that it is refused then: ${SAME_HASH}`;
  return [{ path: `versions[${other}].trafficPolicy`, what }];
}

/** HTTP-only blocks in an app, or for a port, of plain connections. */
function connectionsOnly(
  path: string,
  policy: Plain<TrafficPolicyArgs> | undefined,
  ports: readonly RoutedPort[],
  listed = false,
): Warning[] {
  if (policy === undefined) {
    return [];
  }
  const spoken = { protocols: ports.map(({ protocol }) => protocol), listed };
  const whole = hasRoutesOf(spoken, "http") ? [] : ofRequests(path, policy, spokenInWords(spoken));
  const each = (policy.portLevelSettings ?? []).flatMap((settings, index) => {
    const port = ports.find((other) => other.port === settings.port);
    return port === undefined || routesKind(port.protocol) === "http"
      ? []
      : ofRequests(`${path}.portLevelSettings[${index}]`, settings, `the port's protocol is ${port.protocol}`);
  });
  return [...whole, ...each];
}

/** @param why The reason why there are no requests, in words. */
function ofRequests(path: string, policy: Plain<TrafficPolicyArgs>, why: string): Warning[] {
  const { connectionPool, consistentHash, retryBudget } = policy;
  const blocks = [
    ...(connectionPool?.http === undefined ? [] : ["connectionPool.http"]),
    ...(consistentHash === undefined || consistentHash.useSourceIp === true ? [] : ["consistentHash"]),
    ...(retryBudget === undefined ? [] : ["retryBudget"]),
  ];
  return blocks.map((block) => ({
    path: `${path}.${block}`,
    what: `applies to HTTP requests, but ${why}: it has no effect on connections. Leave it out`,
  }));
}

function sound(policy: Plain<TrafficPolicyArgs> | undefined): Plain<TrafficPolicyArgs> | undefined {
  const findings = Findings.at();
  if (policy !== undefined) {
    checkTrafficPolicy(policy, findings);
  }
  return findings.all().length === 0 ? policy : undefined;
}

function warningsOf(
  path: string,
  policy: Plain<TrafficPolicyArgs>,
  servicePorts: readonly number[],
  service?: Plain<TrafficPolicyArgs>,
): Warning[] {
  const ports = (policy.portLevelSettings ?? []).flatMap((settings, index) => {
    const at = `${path}.portLevelSettings[${index}]`;
    const known = servicePorts.length === 1 ? "only port is" : "ports are";
    const what = `is ${settings.port}, but the Service's ${known} ${servicePorts.join(" and ")}: these settings count for no request`;
    return [
      ...(servicePorts.includes(settings.port) ? [] : [{ path: `${at}.port`, what }]),
      ...blockWarnings(at, settings),
    ];
  });
  return [...blockWarnings(path, policy, service), ...ports];
}

/** Envoy's own threshold, which applies if none is set. */
const DEFAULT_5XX = 5;

/** @param service The policy whose blocks apply where this one has none. */
function blockWarnings(
  path: string,
  policy: Plain<DestinationPolicyArgs>,
  service?: Plain<TrafficPolicyArgs>,
): Warning[] {
  const { loadBalancer, localityLbSetting: locality, connectionPool, outlierDetection } = policy;
  const warnings: Warning[] = [];
  if (loadBalancer === LoadBalancer.LeastConn) {
    warnings.push({
      path: `${path}.loadBalancer`,
      what: "is LEAST_CONN, which Istio has deprecated: LEAST_REQUEST is its new name",
    });
  }
  const failsOver = (locality?.failover ?? locality?.failoverPriority) !== undefined && locality?.enabled !== false;
  const detection = outlierDetection ?? service?.outlierDetection;
  if (failsOver && detection === undefined) {
    warnings.push({
      path: `${path}.localityLbSetting`,
      what: "fails over to other pods, but without outlierDetection no proxy sees that it has to: set outlierDetection, too",
    });
  }
  if (failsOver && detection !== undefined && percentOf({ ...detection }) === undefined) {
    warnings.push({
      path: `${path}.localityLbSetting`,
      what: "fails over to other pods only as far as nearby ones are ejected, and without maxEjectionPercent that is one pod of a version: set outlierDetection.maxEjectionPercent to the largest share of its pods that one locality has, or to 100",
    });
  }
  if (locality?.enabled === false && (locality.distribute ?? locality.failover ?? locality.failoverPriority)) {
    warnings.push({
      path: `${path}.localityLbSetting.enabled`,
      what: "is false, so the locality of pods does not matter, whatever else is set: leave out enabled, or the rest",
    });
  }
  if (connectionPool !== undefined && service?.connectionPool !== undefined) {
    const what =
      "takes the place of the service's for callers, but the proxies beside the pods go by the service's: where that is lower, it still holds";
    warnings.push({ path: `${path}.connectionPool`, what });
  }
  const { consecutiveGatewayErrors: gateway = 0, consecutive5xxErrors: all = DEFAULT_5XX } = outlierDetection ?? {};
  if (gateway > 0 && all > 0 && gateway >= all) {
    const what = `is ${gateway}, but ${all} errors of any kind eject a pod before that: give it less than consecutive5xxErrors`;
    warnings.push({ path: `${path}.outlierDetection.consecutiveGatewayErrors`, what });
  }
  return warnings;
}

/** Whether users are kept on their version, so that a hash can keep them on their pod, too. */
function keepsVersions(sticky: Plain<StickyArgs> | undefined): boolean {
  return sticky !== undefined && sticky.enabled !== false && sticky.ending !== true;
}

/** If the version is chosen anew for every request, no hash keeps a caller on one pod. */
function hashAcrossVersions(
  service: Plain<TrafficPolicyArgs> | undefined,
  versions: readonly { policy?: Plain<TrafficPolicyArgs>; share: number }[],
): Warning[] {
  const paths = versions.flatMap(({ policy, share }, index) => {
    if (share <= 0 || share >= 100) {
      return [];
    }
    if (balances(policy)) {
      return policy?.consistentHash === undefined ? [] : [`versions[${index}].trafficPolicy.consistentHash`];
    }
    return service?.consistentHash === undefined ? [] : ["trafficPolicy.consistentHash"];
  });
  const what =
    "keeps a caller on one pod of a version, but the version is drawn anew for every request as long as several of them share the traffic: set sticky, too";
  return [...new Set(paths)].map((path) => ({ path, what }));
}

/** Whether a policy has a load balancing block of its own, which replaces the service's. */
function balances(policy: Plain<TrafficPolicyArgs> | undefined): boolean {
  const { loadBalancer, consistentHash, localityLbSetting, warmup } = policy ?? {};
  return [loadBalancer, consistentHash, localityLbSetting, warmup].some((field) => field !== undefined);
}
