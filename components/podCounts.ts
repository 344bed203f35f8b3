import * as pulumi from "@pulumi/pulumi";
import { scaledElsewhere } from "../src/workload/workloads";
import type { CanaryAppArgs } from "./canaryAppArgs";

/** How many pods there are at the least; undefined where someone else says it (`externalScaling`). */
export type PodCount = pulumi.Output<number | undefined>;

/**
 * How many pods each version has at the least, in the order of the arguments: as many as it declares, the fewest of its
 * autoscaler, or its share of those that follow the weights.
 *
 * @param byWeight How many pods each version has for its weight, if their number follows it.
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
 * How many pods all versions have together. Where they follow the weights it is what all traffic needs, which is the
 * same for all weights.
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
