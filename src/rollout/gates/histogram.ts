import type { VersionTraffic } from "../metrics/source";
import { shareInterval } from "./confidenceSequence";
import type { Interval, Proportion } from "./proportions";

/** Counts by upper bound, ascending, not cumulative; the last bound is Infinity. */
export type Histogram = VersionTraffic["durations"];

/** How many observations there are. */
export function observations(histogram: Histogram): number {
  return histogram.reduce((sum, { count }) => sum + count, 0);
}

/**
 * The value that this share of the observations does not exceed, as Prometheus' `histogram_quantile` finds it: evenly
 * spread within a bucket, from 0 in the first one.
 *
 * @param share From 0 to 1.
 * @returns NaN without observations; Infinity if it lies above the last finite bound, where Prometheus would say that
 *   bound.
 */
export function quantile(histogram: Histogram, share: number): number {
  const rank = share * observations(histogram);
  let below = 0;
  let lower = 0;
  for (const { upTo, count } of histogram) {
    if (count > 0 && below + count >= rank) {
      return upTo === Infinity ? Infinity : lower + (upTo - lower) * Math.max(0, (rank - below) / count);
    }
    below += count;
    lower = upTo;
  }
  return NaN;
}

/**
 * Between which bounds of buckets the true quantile lies, without any assumption about how values are spread within a
 * bucket: the share of observations up to a bound is a plain proportion. The bounds of any number of observations hold
 * together, see {@link shareInterval}.
 */
export function quantileInterval(histogram: Histogram, share: number, confidence: number): Interval {
  const of = observations(histogram);
  let hits = 0;
  let low = 0;
  for (const { upTo, count } of histogram) {
    hits += count;
    const upToHere = shareInterval({ hits, of }, confidence);
    if (upToHere.high < share) {
      low = upTo;
    }
    if (upToHere.low >= share) {
      return { low, high: upTo };
    }
  }
  return { low, high: Infinity };
}

/** How many observations lie above a bound of the histogram. */
export function above(histogram: Histogram, bound: number): Proportion {
  return { hits: observations(histogram.filter(({ upTo }) => upTo > bound)), of: observations(histogram) };
}

/**
 * How many observations are longer than a value. Within a bucket they are taken to be spread evenly, as for
 * {@link quantile}; what is above the last finite bound is longer than all values.
 */
export function longer(histogram: Histogram, value: number): Proportion {
  let lower = 0;
  let hits = 0;
  for (const { upTo, count } of histogram) {
    const part = upTo === Infinity ? 1 : (upTo - Math.max(lower, value)) / (upTo - lower);
    hits += count * Math.max(0, part);
    lower = upTo;
  }
  return { hits, of: observations(histogram) };
}

/** All observations of several histograms with the same bounds. Where bounds differ, those that all have are kept. */
export function merged(histograms: readonly Histogram[]): Histogram {
  const given = histograms.filter((histogram) => histogram.length > 0);
  const bounds = (given[0] ?? [])
    .map(({ upTo }) => upTo)
    .filter((upTo) => given.every((each) => each.some((bucket) => bucket.upTo === upTo)));
  let last = -Infinity;
  return bounds.map((upTo) => {
    const within = given.map((each) =>
      observations(each.filter((bucket) => bucket.upTo > last && bucket.upTo <= upTo)),
    );
    last = upTo;
    return { upTo, count: within.reduce((sum, count) => sum + count, 0) };
  });
}
