import type { Proportion } from "./proportions";

/**
 * How much better the observed hits fit a share whose odds are `oddsRatio` times those of `share` than `share` itself,
 * as a logarithm. Its exponential is a test martingale: under `share` its expectation is 1, whatever the number of
 * observations, and above an odds ratio of 1 it is at most 1 under any smaller share too, below 1 under any larger one.
 * So it is for observations between 0 and 1 whose mean is the share (W. Hoeffding, Journal of the American Statistical
 * Association 58 (1963), 13–30).
 *
 * @param oddsRatio More than 0.
 * @param share From 0 to 1.
 */
export function logLikelihoodRatio(oddsRatio: number, { hits, of }: Proportion, share: number): number {
  return hits * Math.log(oddsRatio) - of * Math.log1p(share * (oddsRatio - 1));
}

/**
 * How much two proportions of one sample speak for a difference of shares above `margin` (with an odds ratio above 1) or
 * below it (with one below 1), as a logarithm. Its exponential has an expectation of at most 1 whenever the difference
 * is not so, whatever the two shares are. That is the e-variable of R. J. Turner, A. Ly and P. D. Grünwald (Journal of
 * Statistical Planning and Inference 230 (2024), 106116) with a bet that is found from the sizes of both groups:
 *
 * Let X be a request of the target (1 if it failed) and Y one of the others, of which there are n and m. Bet c on each X
 * and d = c n / m against each Y, beside the shares q° and p° = q° + margin: the product of all 1 + c (X − p°) and
 * 1 − d (Y − q°) has the expectation (1 + c (p − p°))ⁿ (1 − d (q − q°))ᵐ ≤ exp(n c ((p − q) − margin)).
 *
 * @param margin From 0 to 1.
 * @param anchor What the others' share is taken to be, q°, from 0 to 1: a guess from earlier samples. A bad one costs
 *   power, and no more.
 */
export function logDifferenceBet(
  oddsRatio: number,
  ours: Proportion,
  others: Proportion,
  margin: number,
  anchor: number,
): number {
  const q = Math.min(anchor, 1 - margin);
  const p = q + margin;
  const wanted = (oddsRatio - 1) / (1 + p * (oddsRatio - 1));
  // No factor may become negative, whatever is observed.
  const most = MOST_OF_STAKE / (wanted > 0 ? 1 - q : q);
  const d = Math.sign(wanted) * Math.min(Math.abs(wanted) * (ours.of / others.of), most);
  const c = d * (others.of / ours.of);
  return (
    ours.hits * Math.log1p(c * (1 - p)) +
    (ours.of - ours.hits) * Math.log1p(-c * p) +
    others.hits * Math.log1p(-d * (1 - q)) +
    (others.of - others.hits) * Math.log1p(d * q)
  );
}

/** How much of what is at stake one observation can take away. */
const MOST_OF_STAKE = 0.9;
