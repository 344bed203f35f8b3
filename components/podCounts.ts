import * as pulumi from "@pulumi/pulumi";
import { scaledElsewhere } from "../src/workload/workloads";
import type { CanaryAppArgs } from "./canaryAppArgs";

/** The minimum number of pods; undefined where someone else decides it (`externalScaling`). */
export type PodCount = pulumi.Output<number | undefined>;

/**
 * The minimum number of pods of each version, in the order of the arguments: its declared number, its autoscaler's
 * minimum, or its share of the pods that follow the weights.
 *
 * @param byWeight The number of pods that each version needs for its weight, if it follows the weight.
 */
export function podCounts(
  args: Pick<CanaryAppArgs, "versions" | "externalScaling">,
  byWeight?: pulumi.Output<Record<string, number>>,
): PodCount[] {
  return args.versions.map((version): PodCount => {
    const { name, autoscaling, replicas } = version;
    if (scaledElsewhere(args, version)) {
      return pulumi.output(undefined);
    }
    return autoscaling !== undefined
      ? pulumi.output(autoscaling.minReplicas ?? 1)
      : byWeight !== undefined
        ? byWeight.apply((all) => all[name])
        : pulumi.output(replicas ?? 1);
  });
}

/**
 * The number of pods of all versions together. Where pods follow the weights, it is what all traffic needs, whatever
 * the weights are.
 */
export function podsTogether(
  args: Pick<CanaryAppArgs, "versions" | "replicasFollowWeight">,
  counts: readonly PodCount[],
): PodCount {
  return args.replicasFollowWeight === undefined
    ? pulumi
        .all([...counts])
        .apply((each) =>
          each.reduce((sum, count) => (sum === undefined || count === undefined ? undefined : sum + count), 0),
        )
    : pulumi.output(args.replicasFollowWeight.total);
}
