import { ejects, leastPercent, percentOf } from "./ejection";
import type { Plain } from "./plain";
import { type BlockInForce, blockInForce } from "./policyInForce";
import type { TrafficPolicyArgs } from "./trafficPolicy";
import type { Warning } from "../validation/warning";

/** A version and what is known of its pods. */
export interface EjectingVersion {
  name: string;
  /** Its own policy, valid. */
  trafficPolicy?: Plain<TrafficPolicyArgs>;
  /** The minimum number of its pods; undefined if it is not known. */
  pods?: number;
  /** The number of pods that its default ejection share is derived from. @default `pods` */
  ejectionPods?: number;
}

/** The versions of which no pod can ever be ejected, although their policy has outlier detection; each block once. */
export function ejectionWarnings(
  versions: readonly EjectingVersion[],
  service: Plain<TrafficPolicyArgs> | undefined,
  servicePorts: readonly number[],
): Warning[] {
  return versions.flatMap((version, index) => {
    const blocks = servicePorts.flatMap(
      (port) => blockInForce("outlierDetection", version.trafficPolicy, service, port) ?? [],
    );
    const byPath = new Map(blocks.map((inForce) => [pathOf(inForce, index), inForce.block]));
    return [...byPath].flatMap(([path, block]) => warningOf(version, block, path) ?? []);
  });
}

function warningOf(
  { name, pods = 0, ejectionPods = pods }: EjectingVersion,
  block: BlockInForce["block"],
  path: string,
): Warning | undefined {
  if (!ejects(block) || !Number.isInteger(pods) || pods < 1) {
    return undefined;
  }
  const set = percentOf(block);
  if (set === undefined) {
    return ejectionPods > 1
      ? undefined
      : {
          path,
          what: `ejects no pod of ${name}, which has only one: no other pod could take its requests. Give it 2 or more pods, or set maxEjectionPercent to 100 to get 503 while its pod is ejected`,
        };
  }
  return set >= leastPercent(pods)
    ? undefined
    : {
        path: `${path}.maxEjectionPercent`,
        what: `is ${set}, which ejects no pod of ${name}: ${shareOfOne(pods)}`,
      };
}

function shareOfOne(pods: number): string {
  return pods === 1
    ? "its only pod is 100 %. Give it more pods, or set 100 to have its requests answered 503 while the pod is ejected"
    : `one of its ${pods} pods is ${leastPercent(pods)} %. Set ${leastPercent(pods)} or more, or leave it out`;
}

function pathOf({ owner, at }: BlockInForce, index: number): string {
  return owner === "version" ? `versions[${index}].trafficPolicy.${at}` : `trafficPolicy.${at}`;
}
