import * as pulumi from "@pulumi/pulumi";
import type { CanaryAppArgs } from "./canaryAppArgs";

/**
 * How many pods each version has at the least, in the order of the arguments: as many as it declares, the fewest of its
 * autoscaler, or its share of those that follow the weights.
 *
 * @param byWeight How many pods each version has for its weight, if their number follows it.
 */
export function podCounts(
  { versions }: Pick<CanaryAppArgs, "versions">,
  byWeight?: pulumi.Output<Record<string, number>>,
): pulumi.Output<number>[] {
  return versions.map(({ name, autoscaling, replicas }) =>
    autoscaling !== undefined
      ? pulumi.output(autoscaling.minReplicas ?? 1)
      : byWeight !== undefined
        ? byWeight.apply((all) => all[name])
        : pulumi.output(replicas ?? 1),
  );
}

/**
 * How many pods all versions have together. Where they follow the weights it is what all traffic needs, which is the
 * same for all weights.
 */
export function podsTogether(
  args: Pick<CanaryAppArgs, "versions" | "replicasFollowWeight">,
  counts: readonly pulumi.Output<number>[],
): pulumi.Output<number> {
  return args.replicasFollowWeight === undefined
    ? pulumi.all([...counts]).apply((each) => each.reduce((sum, count) => sum + count, 0))
    : pulumi.output(args.replicasFollowWeight.total);
}
