import { annotationData } from "./annotationData";

/** A version's traffic and pods while a VirtualService's routes were in force. */
export interface Served {
  /** Its share of the traffic, in percent. */
  share: number;
  /** The declared number of its pods; "autoscaled" if its autoscaler decides it; missing if someone else does. */
  pods?: number | "autoscaled";
}

/** The annotation in which a VirtualService records each version's traffic and pods while its routes are in force. */
const ANNOTATION = "canary-app/serving";

/** That annotation. It tells the next change what the last shares were, even after a change that failed. */
export function servingAnnotation(versions: Readonly<Record<string, Served>>): Record<string, string> {
  return { [ANNOTATION]: JSON.stringify(versions) };
}

/** What a VirtualService's inputs record of each version; empty if they have no such annotation, or a broken one. */
export function servingIn(inputs: unknown): Record<string, Served> {
  return annotationData<Served>(inputs, ANNOTATION);
}

/** The versions that get more traffic than before; none if the time before is not known. */
export function risingVersions(
  before: Readonly<Record<string, Served>>,
  after: Readonly<Record<string, Served>>,
): string[] {
  return Object.keys(before).length === 0
    ? []
    : Object.keys(after).filter((name) => after[name].share > (before[name]?.share ?? 0));
}

/** The pods of a version with traffic. */
export interface ServingPods {
  /** Its share of the traffic, in percent. */
  share: number;
  pods: number;
}

/**
 * The number of pods that a version needs for its share if each pod is to take as much traffic as the pods that serve
 * now; within its minimum and maximum.
 *
 * @param share In percent.
 * @param serving The versions with traffic whose pods are known.
 */
export function podsForShare(
  share: number,
  serving: readonly ServingPods[],
  { minReplicas = 1, maxReplicas }: { minReplicas?: number; maxReplicas: number },
): number {
  const [pods, covered] = [sum(serving.map((each) => each.pods)), sum(serving.map((each) => each.share))];
  const needed = covered > 0 ? Math.ceil((pods * share) / covered - ROUNDING) : 0;
  return Math.min(maxReplicas, Math.max(minReplicas, needed));
}

/** The tolerance for rounding errors of sums of fractions. */
const ROUNDING = 1e-9;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
