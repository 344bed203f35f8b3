/** So many of so many. */
export interface Proportion {
  hits: number;
  of: number;
}

/** The bounds between which a figure lies with a stated confidence. */
export interface Interval {
  low: number;
  high: number;
}

/**
 * Between which bounds the true share lies, by E. B. Wilson's score method: sound for few observations and for shares
 * near 0 and 1, where the usual approximation says that 0 failures of 10 prove a share of exactly 0.
 *
 * @param z The quantile of the normal distribution that belongs to the confidence: that of 0.95 gives bounds each of
 *   which holds with 95%.
 * @returns Shares from 0 to 1; all of them possible if nothing was observed.
 */
export function shareInterval({ hits, of }: Proportion, z: number): Interval {
  if (!(of > 0)) {
    return { low: 0, high: 1 };
  }
  const share = hits / of;
  const square = z * z;
  const centre = (hits + square / 2) / (of + square);
  const spread = (z / (of + square)) * Math.sqrt(hits * (1 - share) + square / 4);
  return { low: hits <= 0 ? 0 : Math.max(0, centre - spread), high: hits >= of ? 1 : Math.min(1, centre + spread) };
}

/**
 * Between which bounds the difference of two true shares (the first less the second) lies, by R. G. Newcombe's hybrid
 * of two score intervals (his method 10). One bound alone holds with the confidence of `z`, both together with twice
 * its error.
 *
 * @returns From -1 to 1.
 */
export function differenceInterval(first: Proportion, second: Proportion, z: number): Interval {
  const [p, q] = [shareOf(first), shareOf(second)];
  const [one, other] = [shareInterval(first, z), shareInterval(second, z)];
  return {
    low: Math.max(-1, p - q - Math.hypot(p - one.low, other.high - q)),
    high: Math.min(1, p - q + Math.hypot(one.high - p, q - other.low)),
  };
}

/** The observed share; 0 if nothing was observed. */
export function shareOf({ hits, of }: Proportion): number {
  return of > 0 ? hits / of : 0;
}
