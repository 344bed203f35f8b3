import { logShare } from "../../src/internal/statistics";
import { type Answer, succeeded } from "./request";

export { BEYOND_CHANCE, expectedRange } from "../../src/internal/statistics";

/** How many requests each version answered; failed ones are counted under "failed". */
export function countByVersion(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const key = succeeded(answer) ? (answer.version ?? "unknown") : "failed";
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** The results of failed requests. */
export function failures(answers: readonly Answer[]): Answer[] {
  return answers.filter((answer) => !succeeded(answer));
}

/**
 * The moment from which requests were shared by the new weights: the split of the results, in the order they were sent,
 * at which "old weights before, new weights after" is likelier than at any other.
 *
 * @returns When the first request with the new weights was sent, on the clock of {@link Answer.sentAt}; undefined if
 * there is none.
 */
export function followedAt(
  answers: readonly Answer[],
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): number | undefined {
  const gain = answers.map(({ version }) => shareOf(after, version) - shareOf(before, version));
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

function shareOf(shares: Readonly<Record<string, number>>, version: string | undefined): number {
  return logShare(version === undefined ? 0 : shares[version]);
}
