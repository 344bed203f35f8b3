import type { MetricsSource } from "../metrics/source";
import type { Weights } from "../weights";
import type { Clock } from "./clock";
import { type Counts, countsOf, hasConverged, sharesOf, totalOf } from "./convergence";
import { errorMessage } from "../../internal/http/errorMessage";

/** What is to be seen. Times are in ms since the epoch. */
export interface Change {
  /** When the new shares came into force. */
  since: number;
  before: Weights;
  desired: Weights;
  /** How long it is looked for. */
  until: number;
}

/** What was seen: shares in percent, and why they do not say that the traffic follows. */
export interface Measurement {
  actual?: Counts;
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
  { since, before, desired, until }: Change,
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
      const fitting = spans.find((counts) => hasConverged(counts, before, desired));
      if (fitting !== undefined) {
        return { actual: sharesOf(fitting) };
      }
      last = { actual: sharesOf(spans[0]), unverified: reasonOf(spans[0], to - since) };
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

function reasonOf(counts: Counts, milliseconds: number): string {
  const requests = totalOf(counts);
  const when = `within ${Math.round(milliseconds / 1000)} s`;
  return requests === 0 ? `no requests ${when}` : `the shares of ${requests} requests ${when} do not match`;
}
