import type { Input } from "@pulumi/pulumi";
import type { Plain } from "../istio/plain";
import type { Weights } from "../istio/weights";
import { type Check, required, shape } from "../validation/shape";
import { integer } from "../validation/values";
import { annotationData } from "./annotationData";

/** How many pods the versions have together, shared among them as the traffic is. */
export interface ReplicasFollowWeightArgs {
  /** How many pods all traffic needs, 1 or more. Each version gets its share of them, rounded up. */
  total: Input<number>;
  /** The fewest pods that a version has, one with the weight 0 included, 0 or more. @default 1 */
  least?: Input<number>;
}

/** The check of how pods follow the weights. */
export const replicasFollowWeightCheck: Check = shape<Plain<ReplicasFollowWeightArgs>>({
  total: required(integer(1, 2 ** 31 - 1, "a whole number of pods, 1 or more,"), "how many pods all traffic needs"),
  least: integer(0, 2 ** 31 - 1, "a whole number of pods, 0 or more,"),
});

/** How many pods each version needs for its share. */
export function replicasByWeight(
  weights: Weights,
  { total, least = 1 }: Plain<ReplicasFollowWeightArgs>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(weights).map(([name, share]) => [name, Math.max(least, Math.ceil((total * share) / 100))]),
  );
}

/** The annotation with which a VirtualService says how many pods each version has while its routes are in force. */
const ANNOTATION = "canary-app/replicas";

/**
 * That annotation. It makes the last numbers known to the next change, even if that comes after one that failed
 * halfway.
 */
export function replicasAnnotation(replicas: Readonly<Record<string, number>>): Record<string, string> {
  return { [ANNOTATION]: JSON.stringify(replicas) };
}

/** The versions that have fewer pods after the VirtualService's change than before, and those that have more. */
export interface ReplicaChange {
  /** To be scaled down after the change. */
  falling: string[];
  /** To be scaled up before the change. */
  rising: string[];
}

/** What changes between two VirtualServices' inputs; versions that the old one does not know are neither. */
export function replicaChange(before: unknown, after: unknown): ReplicaChange {
  const [old, fresh] = [replicasIn(before), replicasIn(after)];
  const both = Object.keys(fresh).filter((name) => Object.hasOwn(old, name));
  return {
    falling: both.filter((name) => fresh[name] < old[name]),
    rising: both.filter((name) => fresh[name] > old[name]),
  };
}

function replicasIn(inputs: unknown): Record<string, number> {
  return annotationData<number>(inputs, ANNOTATION);
}
