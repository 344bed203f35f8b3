import type { Input } from "@pulumi/pulumi";
import type { Plain } from "../istio/plain";
import type { Weights } from "../istio/weights";
import { type Check, required, shape } from "../validation/shape";
import { integer } from "../validation/values";
import { annotationData } from "./annotationData";

/** How many pods the versions have together, shared among them like the traffic. */
export interface ReplicasFollowWeightArgs {
  /** How many pods all traffic needs, 1 or more. Each version gets its share of them, rounded up. */
  total: Input<number>;
  /** The minimum number of a version's pods, 0 or more, which applies at weight 0, too. @default 1 */
  least?: Input<number>;
}

/** The check of the number of pods that follows the weights. */
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

/** The annotation in which a VirtualService records how many pods each version has while its routes are in force. */
const ANNOTATION = "canary-app/replicas";

/** That annotation. It tells the next change what the last numbers were, even after a change that failed halfway. */
export function replicasAnnotation(replicas: Readonly<Record<string, number>>): Record<string, string> {
  return { [ANNOTATION]: JSON.stringify(replicas) };
}

/** The versions whose number of pods falls or rises with a change of the VirtualService. */
export interface ReplicaChange {
  /** To be scaled down after the change. */
  falling: string[];
  /** To be scaled up before the change. */
  rising: string[];
}

/**
 * The differences between two VirtualServices' inputs; versions that the old one does not record are in neither list.
 */
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
