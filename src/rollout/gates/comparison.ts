import { logDifferenceBet } from "./likelihoodRatio";
import type { Proportion } from "./proportions";
import { afterGains, afterSample, BELOW, isDisproved, LITTLE_ABOVE, type SequentialTest } from "./sequentialTest";

/** How the comparison of two shares of something bad stands, ours and the others', after some samples. */
export interface Comparison {
  /** Against the rule that ours is at most the margin above theirs, over the whole run. */
  within: SequentialTest;
  /** Against ours being more than that above theirs: for each alternative, since the step began. */
  beyond: { step: number; logs: readonly number[] };
  /** The others' share so far, from which the next one is guessed. */
  others: Proportion;
}

/** What the others' share is taken to be before anything is known: as if 0.5 of 50 had been seen. */
const GUESS: Proportion = { hits: 0.5, of: 50 };

/** The comparison after one more sample; as before, as long as one side has nothing to be compared. */
export function compared(
  before: Comparison | undefined,
  step: number,
  ours: Proportion,
  others: Proportion,
  margin: number,
): Comparison | undefined {
  if (ours.of === 0 || others.of === 0) {
    return before;
  }
  const { hits, of } = before?.others ?? { hits: 0, of: 0 };
  const anchor = (hits + GUESS.hits) / (of + GUESS.of);
  const gain = ({ oddsRatio }: { oddsRatio: number }) => logDifferenceBet(oddsRatio, ours, others, margin, anchor);
  return {
    within: afterSample(before?.within, step, LITTLE_ABOVE.map(gain)),
    beyond: {
      step,
      logs: afterGains(before?.beyond.step === step ? before.beyond.logs : undefined, BELOW.map(gain)),
    },
    others: { hits: hits + others.hits, of: of + others.of },
  };
}

/** Whether it is so sure that our share is more than the margin above theirs, or has been in this run. */
export function isProvedWorse(comparison: Comparison | undefined, confidence: number): boolean {
  return comparison !== undefined && isDisproved(comparison.within.logs, LITTLE_ABOVE, confidence);
}

/** Whether it is so sure that it is not, in this step. */
export function isProvedWithin(comparison: Comparison | undefined, step: number, confidence: number): boolean {
  return comparison?.beyond.step === step && isDisproved(comparison.beyond.logs, BELOW, confidence);
}
