/** The 99.9% quantile of the standard normal distribution, two-sided. */
const Z = 3.2905;

/** The quantile that chance alone exceeds once in ten million times. */
export const BEYOND_CHANCE = 5.3267;

/**
 * The interval in which the number of a version's answers lies with a probability of 99.9%, if its share is right.
 * Normal approximation with continuity correction; a share of 0 or 100 must be met exactly.
 *
 * @param share The asked share, in percent.
 * @param requests How many requests were sent.
 * @param quantile Of the standard normal distribution, two-sided, for another probability.
 */
export function expectedRange(share: number, requests: number, quantile = Z): { least: number; most: number } {
  const p = share / 100;
  const spread = p === 0 || p === 1 ? 0 : quantile * Math.sqrt(requests * p * (1 - p)) + 0.5;
  return {
    least: Math.max(0, Math.ceil(requests * p - spread)),
    most: Math.min(requests, Math.floor(requests * p + spread)),
  };
}

/**
 * The logarithm of a share in percent; one of 0 is taken as one in a million, so that one stray answer decides nothing
 * for ever.
 */
export function logShare(share: number | undefined): number {
  return Math.log(Math.max((share ?? 0) / 100, 1e-6));
}
