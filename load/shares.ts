import { type Answer, succeeded } from "./request";

/** How many requests each version answered; those that failed count under "failed". */
export function countByVersion(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const key = succeeded(answer) ? (answer.version ?? "unknown") : "failed";
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** The answers of requests that failed. */
export function failures(answers: readonly Answer[]): Answer[] {
  return answers.filter((answer) => !succeeded(answer));
}

/** The 99.9 % quantile of the standard normal distribution, two-sided. */
const Z = 3.2905;

/** The quantile that chance alone exceeds once in ten million times. */
export const BEYOND_CHANCE = 5.3267;

/**
 * The interval in which the number of a version's answers lies with a probability of 99.9 %, if its share is right.
 * Normal approximation with continuity correction; a share of 0 or 100 must be met exactly.
 *
 * @param share The asked share, in percent.
 * @param requests How many requests were sent.
 * @param quantile Of the standard normal distribution, two-sided, for another probability.
 */
export function expectedRange(share: number, requests: number, quantile = Z): { least: number; most: number } {
  const p = share / 100;
  const spread = p === 0 || p === 1 ? 0 : quantile * Math.sqrt(requests * p * (1 - p)) + 0.5;
  return { least: Math.max(0, Math.ceil(requests * p - spread)), most: Math.min(requests, Math.floor(requests * p + spread)) };
}

/**
 * The moment from which requests were shared by the new weights: the split of the answers, in the order they were sent, at
 * which "old shares before, new shares after" is likelier than at any other.
 *
 * @returns When the first request of the new shares was sent, on the clock of {@link Answer.sentAt}; undefined if there is none.
 */
export function followedAt(answers: readonly Answer[], before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>): number | undefined {
  const gain = answers.map(({ version }) => logShare(after, version) - logShare(before, version));
  let suffix = 0;
  let best = { at: answers.length, value: 0 };
  for (let index = answers.length - 1; index >= 0; index--) {
    suffix += gain[index];
    if (suffix > best.value) {
      best = { at: index, value: suffix };
    }
  }
  return answers[best.at]?.sentAt;
}

/** The logarithm of a version's share; a share of 0 is taken as one in a million, so that one stray answer decides nothing for ever. */
function logShare(shares: Readonly<Record<string, number>>, version: string | undefined): number {
  return Math.log(Math.max(version === undefined ? 0 : (shares[version] ?? 0) / 100, 1e-6));
}
