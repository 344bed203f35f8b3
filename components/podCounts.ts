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
 * From how many pods the share of each version's pods is derived that may be ejected at once, in the order of the
 * arguments: the fewest, from 2 on, that the version can have whatever its load and its weight are. So a pod can always
 * be ejected where another one is left; and no weight change changes a DestinationRule, after which every proxy
 * would make the version's cluster anew, and send to ejected pods again.
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
 * From how many pods of all versions together that share is derived: as many as there are at the least. Where they
 * follow the weights it is what all traffic needs, which is the same for all weights.
 *
 * @param counts How many pods each version has at the least.
 * @param ejection From how many pods its own share is derived.
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
