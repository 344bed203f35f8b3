import type { Input } from "@pulumi/pulumi";
import { isObject } from "../internal/objects";
import type { Plain } from "../istio/plain";
import type { Receiver } from "../istio/receivers";
import type { Weights } from "../istio/weights";
import { Findings } from "../validation/problem";
import { type Check, plain, setOf } from "../validation/shape";
import { isKnown } from "../validation/unknown";
import { flag } from "../validation/values";
import { watchedResources } from "./autoscaling";
import { type DisruptionBudgetArgs, disruptionBudgetCheck } from "./disruption";
import { type ReplicasFollowWeightArgs, replicasByWeight, replicasFollowWeightCheck } from "./replicasByWeight";
import { type PodArgs, mergePods, podArgsCheck } from "./podArgs";
import type { VersionArgs } from "./version";
import { checkConfigBeside } from "./versionConfig";

/** What holds for the workloads of all versions that do not say otherwise. */
export interface WorkloadArgs {
  /** What the pods made from `image` are like. */
  pod?: Input<PodArgs>;
  /** How many of a version's pods stay while nodes are drained. */
  disruptionBudget?: DisruptionBudgetArgs;
  /**
   * How many pods all versions have together, in place of every version's `replicas`: each has its share by weight,
   * scaled up before its traffic comes and down after it has gone. A weight change then updates the Deployments' sizes,
   * too, and waits for the pods. Pulumi must run with `--parallel` 2 or more, as it does by default. @default each
   * version's `replicas`
   */
  replicasFollowWeight?: ReplicasFollowWeightArgs;
  /**
   * Whether someone else says how many pods every version has: KEDA, autoscalers of your own, `kubectl scale`. Deployment
   * `spec.replicas` is left out. Refused beside `replicasFollowWeight`, and beside `replicas` and `autoscaling` of a
   * version that does not set `externalScaling` to false. @default false
   */
  externalScaling?: boolean;
}

/** The checks of {@link WorkloadArgs}, each by itself. */
export const workloadFields: Readonly<Record<keyof WorkloadArgs, Check>> = {
  pod: podArgsCheck,
  disruptionBudget: plain(disruptionBudgetCheck),
  replicasFollowWeight: plain(replicasFollowWeightCheck),
  externalScaling: plain(flag),
};

/** Whether someone else says how many pods a version has. */
export function scaledElsewhere(
  app: Pick<WorkloadArgs, "externalScaling">,
  version: Pick<VersionArgs, "externalScaling">,
): boolean {
  return version.externalScaling ?? app.externalScaling ?? false;
}

/**
 * Records what does not fit together of the workloads, the versions and the weights.
 *
 * @param args Checked before, as `versions` were; whatever is wrong with them is passed over here.
 * @param weights The weights in force, as far as they are known.
 * @param findings Its path is where `versions` stands.
 */
export function checkWorkloads(
  args: Plain<WorkloadArgs>,
  versions: unknown,
  weights: Weights | undefined,
  findings: Findings,
): void {
  if (args.externalScaling === true && args.replicasFollowWeight !== undefined) {
    findings
      .field("externalScaling")
      .add("is true, and replicasFollowWeight is set", "only one of them may say how many pods there are");
  }
  for (const [index, version] of (Array.isArray(versions) ? versions : []).entries()) {
    if (typeof version === "object" && version !== null) {
      const field = findings.field("versions").field(index);
      checkServed(version, weights, field);
      if (args.replicasFollowWeight !== undefined) {
        checkFollowing(version, field);
      }
      if (args.externalScaling === true && version.externalScaling === undefined) {
        checkLeftAlone(version, field);
      }
      checkMeasured(args.pod, version, field);
      checkConfigBeside(version, podFields(args.pod, version.pod), field);
    }
  }
}

/** What a version's pods are like, field by field, as far as it is known. */
function podFields(app: unknown, version: unknown): Record<string, unknown> {
  const [shared, own] = [app, version].map((pod) => (isObject(pod) ? pod : {}));
  return { ...shared, ...Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) };
}

/** Requests to a version without pods would all fail. */
function checkServed(version: Plain<VersionArgs>, weights: Weights | undefined, findings: Findings): void {
  const named = weights !== undefined && typeof version.name === "string" && Object.hasOwn(weights, version.name);
  const share = named ? weights[version.name] : 0;
  if (version.replicas === 0 && share > 0) {
    findings
      .field("replicas")
      .add(
        `is 0, but the weight of ${version.name} is ${share}`,
        "a version with traffic needs pods: at least 1, or the weight 0",
      );
  }
}

/**
 * Records versions that routes name and that have no pods, at weight 0.
 *
 * @param args Sound arguments of an app.
 * @param receivers Who gets requests by a route.
 */
export function checkReceivers(
  { versions, replicasFollowWeight: following }: Plain<WorkloadArgs> & { versions: readonly Plain<VersionArgs>[] },
  weights: Weights,
  receivers: readonly Receiver[],
  findings: Findings,
): void {
  const replicas =
    following !== undefined && isKnown(following.total) && isKnown(following.least)
      ? replicasByWeight(weights, following)
      : {};
  for (const { version: name, path } of receivers) {
    const index = versions.findIndex((version) => version.name === name);
    if (versions[index]?.replicas === 0) {
      findings
        .field("versions")
        .field(index)
        .field("replicas")
        .add(
          `is 0, but ${path} sends to ${name}`,
          `a version with traffic needs pods: at least 1, or take ${name} out of there`,
        );
    } else if (replicas[name] === 0) {
      findings
        .field("replicasFollowWeight")
        .field("least")
        .add(
          `is 0 and so is the weight of ${name}, but ${path} sends to it`,
          "a version with traffic needs pods: at least 1",
        );
    }
  }
}

/** What someone else says is not said here. */
function checkLeftAlone(version: Plain<VersionArgs>, findings: Findings): void {
  for (const name of setOf(version, ["replicas", "autoscaling"])) {
    findings
      .field(name)
      .add(
        "is set, but the app's externalScaling is true",
        "leave it out, or set externalScaling of this version to false",
      );
  }
}

/** Only one may say how many pods there are. */
function checkFollowing(version: Plain<VersionArgs>, findings: Findings): void {
  const external = version.externalScaling === true ? ["externalScaling"] : [];
  for (const name of [...setOf(version, ["replicas", "autoscaling"]), ...external]) {
    findings
      .field(name)
      .add("is set, and so is replicasFollowWeight", "only one of them may say how many pods there are");
  }
}

/**
 * An autoscaler reckons in percent of what pods request; where a container requests nothing, it does nothing. Of a
 * `podSpec`, a warning says it: a LimitRange of the namespace may say what its containers request.
 */
function checkMeasured(pod: unknown, version: Plain<VersionArgs>, findings: Findings): void {
  const { autoscaling, podSpec, image } = version;
  if (autoscaling === undefined || !isObject(autoscaling)) {
    return;
  }
  if (podSpec !== undefined || image === undefined) {
    return;
  }
  if ([pod, version.pod].some((each) => each !== undefined && !isObject(each))) {
    return;
  }
  const { resources } = mergePods(pod as Plain<PodArgs>, version.pod);
  const { requests, limits } = resources ?? {};
  if (![resources, requests, limits].every((each) => each === undefined || isObject(each))) {
    return;
  }
  for (const name of watchedResources(autoscaling)) {
    if (!Object.hasOwn({ ...limits, ...requests }, name)) {
      findings
        .field("autoscaling")
        .add(`goes by ${name}, but the pods request none`, `set pod.resources.requests.${name}: percents are of that`);
    }
  }
}
