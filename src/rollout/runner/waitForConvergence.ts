import type { MetricsSource, Span } from "../metrics/source";
import { Trial } from "../plan/plan";
import type { Weights } from "../weights";
import type { Clock } from "./clock";
import { type Counts, countsOf, hasConverged, type Matched, matchedPercent, sharesOf, totalOf } from "./convergence";
import type { RunState } from "./state";
import { errorMessage } from "../../internal/http/errorMessage";

/** What is to be seen. Times are in ms since the epoch. */
export interface Change {
  /** When the new shares came into force. */
  since: number;
  before: Weights;
  desired: Weights;
  /**
   * Which version gets requests beside its weight, and when the shares before were in force, which tells how many.
   * @default none
   */
  matched?: { target: string; during: Span };
  /** How long it is looked for. */
  until: number;
}

/** What is to be seen of a run's last shift, until then. */
export function changeOf({ plan, weights, weightsBefore, timeBefore, inForceSince }: RunState, until: number): Change {
  const isMatched = plan.steps.some(({ trial }) => trial === Trial.Matched);
  const matched = isMatched ? { target: plan.target, during: timeBefore } : undefined;
  return { since: inForceSince, before: weightsBefore, desired: weights, matched, until };
}

/** What was seen: shares in percent, and why they do not say that the traffic follows. */
export interface Measurement {
  actual?: Counts;
  /** About how many of the requests reached a version beside its weight, in percent. */
  matched?: number;
  unverified?: string;
}

/** Between two looks, in ms: more and more, for sources that are filled now and then. */
const LOOKS = { first: 250, growth: 1.3, most: 5000 };

/**
 * Waits until the traffic is seen to follow. It looks at the whole time since the shares are in force, and at the later
 * half of it: some proxies may have followed late.
 */
export async function waitForConvergence(
  { clock, source }: { clock: Clock; source: MetricsSource },
  { since, before, desired, until, ...change }: Change,
  signal: AbortSignal,
): Promise<Measurement> {
  let last: Measurement = { unverified: "no time to count requests" };
  // The first look, at once, is where sources begin to count that know no more than their own readings.
  for (let pause = LOOKS.first; !signal.aborted; pause = Math.min(pause * LOOKS.growth, LOOKS.most)) {
    const to = clock.now();
    try {
      const spans = await Promise.all(
        [since, (since + to) / 2].map(async (from) => countsOf(await source.traffic({ from, to }, signal))),
      );
      const matched = change.matched && (await matchedBefore(source, change.matched, before, signal));
      const isKnown = matched !== undefined || change.matched === undefined;
      const fitting = isKnown && spans.find((counts) => hasConverged(counts, before, desired, matched));
      if (fitting) {
        return { actual: sharesOf(fitting), ...(matched && { matched: rounded(matched.percent) }) };
      }
      last = { actual: sharesOf(spans[0]), unverified: reasonOf(spans[0], to - since, isKnown) };
    } catch (error) {
      // A reading that is given up says nothing new.
      last = signal.aborted ? last : { unverified: errorMessage(error) };
    }
    if (to >= until) {
      break;
    }
    await clock.sleep(Math.min(pause, until - clock.now()), signal);
  }
  return last;
}

/** How many requests match, from what was counted under the shares before; undefined if nothing was. */
async function matchedBefore(
  source: MetricsSource,
  { target, during }: NonNullable<Change["matched"]>,
  before: Weights,
  signal: AbortSignal,
): Promise<Matched | undefined> {
  const percent = matchedPercent(countsOf(await source.traffic(during, signal)), before, target);
  return percent === undefined ? undefined : { target, percent };
}

function rounded(percent: number): number {
  return Math.round(10 * percent) / 10;
}

/** @param isKnown Whether it is known how many requests match. */
function reasonOf(counts: Counts, milliseconds: number, isKnown: boolean): string {
  const requests = totalOf(counts);
  const when = `within ${Math.round(milliseconds / 1000)} s`;
  if (requests === 0) {
    return `no requests ${when}`;
  }
  return isKnown
    ? `the shares of ${requests} requests ${when} do not match`
    : "no requests were counted before the change, which tell how many match and go to the target whatever the weights";
}
