import type { VersionTraffic } from "../metrics/source";
import { type Comparison, compared } from "./comparison";
import { above, quantile } from "./histogram";

/** The comparison of how many requests are slow. */
export interface DurationComparison {
  /** What takes longer than this is slow, in ms. */
  bound: number;
  /** Undefined until something came after the choice. */
  comparison?: Comparison;
}

type BothSides = readonly [ours: VersionTraffic, theirs: VersionTraffic];

/**
 * The comparison after one more sample, by the bound that was chosen before it: a bound that is chosen by the requests
 * that are then compared would make the others look faster than they are.
 */
export function durationsCompared(
  before: DurationComparison | undefined,
  step: number,
  [ours, theirs]: BothSides,
  margin: number,
): DurationComparison | undefined {
  if (before === undefined) {
    return undefined;
  }
  const { bound } = before;
  const comparison = compared(
    before.comparison,
    step,
    above(ours.durations, bound),
    above(theirs.durations, bound),
    margin,
  );
  return comparison === before.comparison ? before : { ...before, comparison };
}

/**
 * The comparison with the bound for the next sample: the end of the bucket that the percentile of the others' requests
 * lies in, as far as it is known by now. As before where that is beyond all buckets.
 */
export function withBound(
  before: DurationComparison | undefined,
  [ours, theirs]: BothSides,
  percentile: number,
): DurationComparison | undefined {
  const typical = quantile(theirs.durations, percentile / 100);
  const bound = theirs.durations
    .map(({ upTo }) => upTo)
    .find((upTo) => upTo >= typical && ours.durations.some((bucket) => bucket.upTo === upTo));
  if (bound === undefined || bound === Infinity || bound === before?.bound) {
    return before;
  }
  const { comparison } = before ?? {};
  // What the others' share above another bound was says nothing about this one.
  const others = above(theirs.durations, bound);
  return { bound, ...(comparison && { comparison: { ...comparison, others } }) };
}
