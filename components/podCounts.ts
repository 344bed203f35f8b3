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
 * The number of pods that each version's default ejection share is derived from, in the order of the arguments: the
 * smallest number, from 2 on, that the version can have at any load and weight. So one pod can always be ejected if
 * another one is left. And no change of weight changes a DestinationRule, after which every proxy would recreate the
 * version's cluster, and send requests to ejected pods again.
 */
export function ejectionCounts(
  args: Pick<CanaryAppArgs, "versions" | "externalScaling" | "replicasFollowWeight">,
): PodCount[] {
  const { replicasFollowWeight: following } = args;
  return args.versions.map((version): PodCount => {
    const { autoscaling, replicas } = version;
    if (scaledElsewhere(args, version)) {
      return pulumi.output(undefined);
    }
    return autoscaling !== undefined
      ? fewest(autoscaling.minReplicas, autoscaling.maxReplicas)
      : following !== undefined
        ? fewest(following.least, following.total)
        : pulumi.output(replicas ?? 1);
  });
}

function fewest(least: pulumi.Input<number> | undefined, most: pulumi.Input<number>): PodCount {
  return pulumi.all([least, most]).apply(([from, to]) => Math.max(from ?? 1, Math.min(2, to)));
}

/**
 * The number of pods of all versions together that their ejection share is derived from: the minimum. Where pods follow
 * the weights, it is what all traffic needs, whatever the weights are.
 *
 * @param counts The minimum number of each version's pods.
 * @param ejection The number that its own ejection share is derived from.
 */
export function podsTogether(
  args: Pick<CanaryAppArgs, "versions" | "replicasFollowWeight">,
  counts: readonly PodCount[],
  ejection: readonly PodCount[],
): PodCount {
  return args.replicasFollowWeight === undefined
    ? pulumi.all([pulumi.all([...counts]), pulumi.all([...ejection])]).apply(([least, each]) => {
        const known = [...least, ...each].filter((count) => count !== undefined);
        const sum = known.slice(0, least.length).reduce((total, count) => total + count, 0);
        return known.length < least.length + each.length
          ? undefined
          : Math.max(sum, ...each.map((count) => count ?? 0));
      })
    : pulumi.output(args.replicasFollowWeight.total);
}
