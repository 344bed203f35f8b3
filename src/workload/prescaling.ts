import { annotationData } from "./annotationData";

/** What there was of a version's traffic and pods while a VirtualService's routes were in force. */
export interface Served {
  /** Its share of the traffic, in percent. */
  share: number;
  /** How many pods were declared; "autoscaled" where its autoscaler says so; missing where someone else does. */
  pods?: number | "autoscaled";
}

/** The annotation with which a VirtualService says what each version has while its routes are in force. */
const ANNOTATION = "canary-app/serving";

/** That annotation. It makes the last shares known to the next change, even if that comes after one that failed. */
export function servingAnnotation(versions: Readonly<Record<string, Served>>): Record<string, string> {
  return { [ANNOTATION]: JSON.stringify(versions) };
}

/** What a VirtualService's inputs say of each version; nothing where they have no such annotation, or a broken one. */
export function servingIn(inputs: unknown): Record<string, Served> {
  return annotationData<Served>(inputs, ANNOTATION);
}

/** The versions that get more traffic than before; none where nothing is known of the time before. */
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
 * How many pods a version needs for its share, if each pod is to take as much as those do that serve now; never fewer
 * than it has at the least, nor more than it may have.
 *
 * @param share In percent.
 * @param serving Those versions with traffic whose pods are known.
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

/** What sums of fractions may be too much by. */
const ROUNDING = 1e-9;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
