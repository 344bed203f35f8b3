import { expectedRange, logShare } from "../../internal/statistics";
import type { VersionTraffic } from "../metrics/source";
import type { Weights } from "../weights";

/** How many requests each version answered in one span of time. */
export type Counts = Readonly<Record<string, number>>;

/** How much likelier the new shares have to be than the old ones, as a logarithm: a hundred times. */
const EVIDENCE = Math.log(100);

/** The requests of each version in a span; all that were answered count, whether they failed or not. */
export function countsOf(traffic: Readonly<Record<string, VersionTraffic>>): Counts {
  return Object.fromEntries(Object.entries(traffic).map(([version, { requests }]) => [version, requests]));
}

/** Requests that reach the target whatever its weight, beside those that are shared by the weights. */
export interface Matched {
  target: string;
  /** Their part of all requests, in percent. */
  percent: number;
}

/**
 * How many requests reached the target beside its weight, in percent of all, from what was counted while these weights
 * were in force; undefined if that does not tell.
 */
export function matchedPercent(counts: Counts, weights: Weights, target: string): number | undefined {
  const total = totalOf(counts);
  const others = 100 - (weights[target] ?? 0);
  if (total === 0 || others === 0) {
    return undefined;
  }
  const shared = (100 * (100 * (total - (counts[target] ?? 0)))) / (others * total);
  return Math.max(0, 100 - shared);
}

/**
 * Whether requests were shared by the new weights: that is likelier by far than by the old ones, and each version's
 * count lies in the interval in which it is with 99.9% if its share is right. Where others than those reach the target,
 * too, nobody knows how many they are now: it may have any more, and the others any less.
 */
export function hasConverged(counts: Counts, before: Weights, desired: Weights, matched?: Matched): boolean {
  const [from, to] = [before, desired].map((weights) => withMatched(weights, matched));
  const evidence = Object.entries(counts).reduce(
    (sum, [version, count]) => sum + count * (logShare(to[version]) - logShare(from[version])),
    0,
  );
  return evidence >= EVIDENCE && fits(counts, desired, matched?.target);
}

/** The shares of all requests, those that match included. */
function withMatched(weights: Weights, matched: Matched | undefined): Weights {
  if (matched === undefined) {
    return weights;
  }
  const { target, percent } = matched;
  const shares = Object.entries({ [target]: 0, ...weights }).map(([version, weight]) => [
    version,
    (weight * (100 - percent)) / 100 + (version === target ? percent : 0),
  ]);
  return Object.fromEntries(shares) as Weights;
}

/** Every version's part of the requests, in percent with one decimal; undefined if there were none. */
export function sharesOf(counts: Counts): Record<string, number> | undefined {
  const total = totalOf(counts);
  return total === 0
    ? undefined
    : Object.fromEntries(
        Object.entries(counts).map(([version, count]) => [version, Math.round((1000 * count) / total) / 10]),
      );
}

/** All versions' requests together. */
export function totalOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** @param fed The version that may get requests beside its weight. */
function fits(counts: Counts, desired: Weights, fed?: string): boolean {
  const total = totalOf(counts);
  return versionsOf(desired, counts).every((version) => {
    const { least, most } = expectedRange(desired[version] ?? 0, total);
    const count = counts[version] ?? 0;
    const [mayBeLess, mayBeMore] = fed === undefined ? [false, false] : [version !== fed, version === fed];
    return (mayBeLess || count >= least) && (mayBeMore || count <= most);
  });
}

function versionsOf(...records: readonly Readonly<Record<string, number>>[]): string[] {
  return [...new Set(records.flatMap(Object.keys))];
}
