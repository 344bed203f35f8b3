import type { Plain } from "./plain";
import { LoadBalancer } from "./policy/loadBalancing";
import { Findings } from "../validation/problem";
import type { StickyArgs } from "./sticky";
import { type DestinationPolicyArgs, type TrafficPolicyArgs, checkTrafficPolicy } from "./trafficPolicy";
import type { Warning } from "./warning";
import type { Weights } from "./weights";

/** The policies of an app, and what they meet there. */
export interface PolicyUse {
  /** The service's policy. */
  trafficPolicy?: Plain<TrafficPolicyArgs>;
  /** The versions with their own policies. */
  versions: readonly { name: string; trafficPolicy?: Plain<TrafficPolicyArgs> }[];
  /** The share of each version in percent. */
  weights: Weights;
  /** The Service's ports. */
  servicePorts: readonly number[];
  /** Whether users stay with their version. */
  sticky?: Plain<StickyArgs>;
}

/** What is odd about an app's policies. Policies with mistakes are passed over: those are refused anyway. */
export function policyWarnings({ trafficPolicy, versions, weights, servicePorts, sticky }: PolicyUse): Warning[] {
  const service = sound(trafficPolicy);
  const own = versions.map((version) => sound(version.trafficPolicy));
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
  ];
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

/** Envoy's own threshold, which counts where none is set. */
const DEFAULT_5XX = 5;

/** `service` is the policy whose blocks count where this one has none. */
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
  if (
    (locality?.failover ?? locality?.failoverPriority) !== undefined &&
    (outlierDetection ?? service?.outlierDetection) === undefined
  ) {
    warnings.push({
      path: `${path}.localityLbSetting`,
      what: "fails over to other pods, but without outlierDetection no proxy sees that it has to: set outlierDetection, too",
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

/** Whether users are kept on their version, so that a hash keeps them on its pod, too. */
function keepsVersions(sticky: Plain<StickyArgs> | undefined): boolean {
  return sticky !== undefined && sticky.enabled !== false && sticky.ending !== true;
}

/** A version that is drawn anew for every request keeps nobody on one pod, whatever its hash. */
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

/** Whether a policy has a load balancing block of its own, which takes the place of the service's. */
function balances(policy: Plain<TrafficPolicyArgs> | undefined): boolean {
  const { loadBalancer, consistentHash, localityLbSetting, warmup } = policy ?? {};
  return [loadBalancer, consistentHash, localityLbSetting, warmup].some((field) => field !== undefined);
}
