import { logLikelihoodRatio } from "./likelihoodRatio";
import type { Interval, Proportion } from "./proportions";
import { FAR_ABOVE, logStake } from "./sequentialTest";

/**
 * Between which bounds the true share lies: a confidence sequence, as S. R. Howard, A. Ramdas, J. McAuliffe and
 * J. Sekhon define it (Annals of Statistics 49 (2021), 1055–1080). With the stated confidence, the bounds of all numbers
 * of observations hold together, so one may look at them as often as one likes. A share is outside where a mixture of
 * likelihood ratios against it (H. Robbins, Annals of Mathematical Statistics 41 (1970), 1397–1409) exceeds
 * 2/(1 − confidence).
 *
 * @returns Shares from 0 to 1; all of them possible if nothing was observed.
 */
export function shareInterval({ hits, of }: Proportion, confidence: number): Interval {
  return { low: lowerBound({ hits, of }, confidence), high: 1 - lowerBound({ hits: of - hits, of }, confidence) };
}

/** The greatest share below which all are disproved: what speaks against a share is the less the greater it is. */
function lowerBound(seen: Proportion, confidence: number): number {
  const enough = Math.log(2 / (1 - confidence));
  let [low, high] = [0, 1];
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2;
    const logs = FAR_ABOVE.map(({ oddsRatio }) => logLikelihoodRatio(oddsRatio, seen, middle));
    if (logStake(logs, FAR_ABOVE) >= enough) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

const HALVINGS = 40;
