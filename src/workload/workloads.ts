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

/** Settings for the workloads of all versions that have none of their own. */
export interface WorkloadArgs {
  /** Settings of the pods that are made from `image`. */
  pod?: Input<PodArgs>;
  /** How many of a version's pods stay while nodes are drained. */
  disruptionBudget?: DisruptionBudgetArgs;
  /**
   * How many pods all versions have together, instead of every version's `replicas`. Each version has its share by
   * weight and is scaled up before its traffic rises and down after it has fallen. A weight change then updates the
   * Deployments' sizes, too, and waits for the pods. Pulumi must run with `--parallel` 2 or more, as it does by
   * default.
   * @default each version's `replicas`
   */
  replicasFollowWeight?: ReplicasFollowWeightArgs;
  /**
   * Whether someone else decides how many pods every version has: KEDA, autoscalers of your own, `kubectl scale`.
   * Deployment `spec.replicas` is then omitted. Refused beside `replicasFollowWeight`, and beside `replicas` and
   * `autoscaling` of a version that does not set `externalScaling` to false.
   * @default false
   */
  externalScaling?: boolean;
}

/** The checks of {@link WorkloadArgs}, each for one argument. */
export const workloadFields: Readonly<Record<keyof WorkloadArgs, Check>> = {
  pod: podArgsCheck,
  disruptionBudget: plain(disruptionBudgetCheck),
  replicasFollowWeight: plain(replicasFollowWeightCheck),
  externalScaling: plain(flag),
};

/** Whether someone else decides how many pods a version has. */
export function scaledElsewhere(
  app: Pick<WorkloadArgs, "externalScaling">,
  version: Pick<VersionArgs, "externalScaling">,
): boolean {
  return version.externalScaling ?? app.externalScaling ?? false;
}

/**
 * Records conflicts between the workloads, the versions and the weights.
 *
 * @param args Already checked, like `versions`; mistakes in them are skipped here.
 * @param weights The effective weights, as far as they are known.
 * @param findings Its path is the parent of `versions`.
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
      .add("is true, and replicasFollowWeight is set", "only one of them may decide how many pods there are");
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

/** The settings of a version's pods, field by field, as far as they are known. */
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
 * @param args Valid arguments of an app.
 * @param receivers Who gets requests from a route.
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

/** What someone else decides is not set here. */
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

/** Only one argument may decide how many pods there are. */
function checkFollowing(version: Plain<VersionArgs>, findings: Findings): void {
  const external = version.externalScaling === true ? ["externalScaling"] : [];
  for (const name of [...setOf(version, ["replicas", "autoscaling"]), ...external]) {
    findings
      .field(name)
      .add("is set, and so is replicasFollowWeight", "only one of them may decide how many pods there are");
  }
}

/**
 * An autoscaler calculates percents of what pods request; if a container requests nothing, it does nothing. For a
 * `podSpec` this is a warning: a LimitRange of the namespace may set the requests of its containers.
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
        .add(
          `targets ${name} usage, but the pods request none`,
          `set pod.resources.requests.${name}: the target is a percentage of the request`,
        );
    }
  }
}
