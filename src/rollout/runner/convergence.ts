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

/**
 * Whether requests were shared by the new weights: that is likelier by far than by the old ones, and each version's
 * count lies in the interval in which it is with 99.9% if its share is right.
 */
export function hasConverged(counts: Counts, before: Weights, desired: Weights): boolean {
  const evidence = Object.entries(counts).reduce(
    (sum, [version, count]) => sum + count * (logShare(desired[version]) - logShare(before[version])),
    0,
  );
  return evidence >= EVIDENCE && fits(counts, desired);
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

function fits(counts: Counts, desired: Weights): boolean {
  const total = totalOf(counts);
  return versionsOf(desired, counts).every((version) => {
    const { least, most } = expectedRange(desired[version] ?? 0, total);
    const count = counts[version] ?? 0;
    return count >= least && count <= most;
  });
}

function versionsOf(...records: readonly Readonly<Record<string, number>>[]): string[] {
  return [...new Set(records.flatMap(Object.keys))];
}
