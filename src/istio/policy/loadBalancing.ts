import type { Input } from "@pulumi/pulumi";
import type { Plain } from "../plain";
import type { Findings } from "../../validation/problem";
import { type Check, type Rule, atMostOneOf, setOf } from "../../validation/shape";
import { isKnown } from "../../validation/unknown";
import { oneOf } from "../../validation/values";
import { type ConsistentHashArgs, consistentHash } from "./consistentHash";
import { type LocalityLbSettingArgs, localityLbSetting } from "./locality";
import { type WarmupArgs, warmup } from "./warmup";

/** How requests are spread over the available pods. */
export const LoadBalancer = {
  /** Of two pods chosen at random, the one with fewer open requests. Istio's own default, good for most apps. */
  LeastRequest: "LEAST_REQUEST",
  /** One pod after the other. */
  RoundRobin: "ROUND_ROBIN",
  /** A pod chosen at random; better than round robin if there is no health check. */
  Random: "RANDOM",
  /** The address that the caller used, without load balancing. */
  Passthrough: "PASSTHROUGH",
  /** The old name of LEAST_REQUEST. Deprecated by Istio: it works, with a warning that asks to change it. */
  LeastConn: "LEAST_CONN",
} as const;

/** One of {@link LoadBalancer}. */
export type LoadBalancer = (typeof LoadBalancer)[keyof typeof LoadBalancer];

/**
 * Which pod of a destination gets a request. Istio keeps all of these fields in one block, and replaces it as a whole.
 */
export interface LoadBalancingArgs {
  /**
   * How requests are spread over the pods; set this or `consistentHash`. DestinationRule `loadBalancer.simple`.
   * @default Istio's, least request
   */
  loadBalancer?: Input<LoadBalancer>;
  /**
   * The attribute of a request that selects its pod; set this or `loadBalancer`. DestinationRule
   * `loadBalancer.consistentHash`.
   * @default nothing
   */
  consistentHash?: Input<ConsistentHashArgs>;
  /**
   * How much a pod's locality matters. DestinationRule `loadBalancer.localityLbSetting`.
   * @default the mesh's setting
   */
  localityLbSetting?: Input<LocalityLbSettingArgs>;
  /**
   * How a new pod's share grows; only with ROUND_ROBIN and LEAST_REQUEST. DestinationRule `loadBalancer.warmup`.
   * @default its full share at once
   */
  warmup?: Input<WarmupArgs>;
}

/** The check of each field. */
export const loadBalancingFields: Readonly<Record<keyof LoadBalancingArgs, Check>> = {
  loadBalancer: oneOf(Object.values(LoadBalancer)),
  consistentHash,
  localityLbSetting,
  warmup,
};

/** The rules between the fields. */
export const loadBalancingRules: readonly Rule<Plain<LoadBalancingArgs>>[] = [
  atMostOneOf("loadBalancer", "consistentHash"),
  warmupFits,
];

/** Proxies support a warm-up only with algorithms that weigh pods. */
const WARMING: readonly unknown[] = [LoadBalancer.RoundRobin, LoadBalancer.LeastRequest, LoadBalancer.LeastConn];

function warmupFits(value: Plain<LoadBalancingArgs>, findings: Findings): void {
  const { loadBalancer, warmup: given } = value;
  if (given === undefined) {
    return;
  }
  if (setOf(value, ["consistentHash"]).length === 1) {
    findings.field("warmup").add("is set beside consistentHash", "it works with ROUND_ROBIN and LEAST_REQUEST only");
  } else if (loadBalancer !== undefined && isKnown(loadBalancer) && !WARMING.includes(loadBalancer)) {
    findings
      .field("warmup")
      .add(`is set beside ${String(loadBalancer)}`, "it works with ROUND_ROBIN and LEAST_REQUEST only");
  }
}

/** Istio's `loadBalancer`, or undefined if none of its fields is set. */
export function renderLoadBalancing(args: Plain<LoadBalancingArgs>): Record<string, unknown> | undefined {
  const { loadBalancer: simple, consistentHash: hash, localityLbSetting: locality, warmup: warm } = args;
  const block = { simple, consistentHash: hash, localityLbSetting: locality, warmup: warm };
  return Object.values(block).every((field) => field === undefined) ? undefined : block;
}
