import { ejects, leastPercent, percentOf } from "./ejection";
import type { Plain } from "./plain";
import { type BlockInForce, blockInForce } from "./policyInForce";
import type { TrafficPolicyArgs } from "./trafficPolicy";
import type { Warning } from "../validation/warning";

/** A version and what is known of its pods. */
export interface EjectingVersion {
  name: string;
  /** Its own policy, sound. */
  trafficPolicy?: Plain<TrafficPolicyArgs>;
  /** How many pods it has at the least; undefined if that is not known. */
  pods?: number;
}

/** The versions of which no pod can be ejected, though their policy says when one is. */
export function ejectionWarnings(
  versions: readonly EjectingVersion[],
  service: Plain<TrafficPolicyArgs> | undefined,
  servicePort: number,
): Warning[] {
  return versions.flatMap(({ name, trafficPolicy, pods = 0 }, index) => {
    const inForce = blockInForce("outlierDetection", trafficPolicy, service, servicePort);
    if (inForce === undefined || !ejects(inForce.block) || !Number.isInteger(pods) || pods < 1) {
      return [];
    }
    const set = percentOf(inForce.block);
    const path = pathOf(inForce, index);
    if (set === undefined) {
      return pods > 1
        ? []
        : [
            {
              path,
              what: `ejects no pod of ${name}, which has one only: nobody else could take its requests. Give it 2 pods or more, or maxEjectionPercent 100 to have its requests answered 503 while its pod is ejected`,
            },
          ];
    }
    return set >= leastPercent(pods)
      ? []
      : [
          {
            path: `${path}.maxEjectionPercent`,
            what: `is ${set}, which ejects no pod of ${name}: ${shareOfOne(pods)}`,
          },
        ];
  });
}

function shareOfOne(pods: number): string {
  return pods === 1
    ? "its only pod is 100 %. Give it more pods, or set 100 to have its requests answered 503 while the pod is ejected"
    : `one of its ${pods} pods is ${leastPercent(pods)} %. Set ${leastPercent(pods)} or more, or leave it out`;
}

function pathOf({ owner, at }: BlockInForce, index: number): string {
  return owner === "version" ? `versions[${index}].trafficPolicy.${at}` : `trafficPolicy.${at}`;
}
