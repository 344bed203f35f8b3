import { quantile } from "../gates/histogram";
import type { MetricsSource, VersionTraffic } from "../metrics/source";
import type { RolloutEvent, UsersSaw } from "./event";
import type { RunState } from "./state";
import { answeredToUsers, hasCopies, plus, total } from "./users";

/** What each version answered, as an event holds it. */
export type CountedTraffic = NonNullable<(RolloutEvent & { type: "sampled" })["traffic"]>;

/** Metrics as an event holds them: what is not known, or more than the last bound of the source, is left out. */
export function counted(traffic: Readonly<Record<string, VersionTraffic>>): CountedTraffic {
  return Object.fromEntries(
    Object.entries(traffic).map(([version, { requests, failures, durations }]) => {
      const p99 = quantile(durations, 0.99);
      return [version, { requests, failures, ...(Number.isFinite(p99) ? { p99 } : {}) }];
    }),
  );
}

/**
 * What the app's users saw from the run's start until now. A source that only knows what it counted itself does not
 * know what was before this process took the run over, and one that is scraped may lose some between two samples: the
 * larger of the whole span and of the sum of all samples is nearer to the truth. Where the target got copies of
 * requests, only the samples tell them apart.
 */
export async function usersSaw(
  source: MetricsSource,
  { plan, inForceStep, startedAt, countedAt, counted: sampled }: RunState,
  now: number,
  signal: AbortSignal,
): Promise<UsersSaw> {
  const [whole, rest] = await Promise.all(
    [startedAt, countedAt].map((from) => source.traffic({ from, to: now }, signal)),
  );
  const sum = plus(sampled, total(answeredToUsers(rest, plan, inForceStep)));
  const all = total(whole);
  return all.requests >= sum.requests && !hasCopies(plan) ? all : sum;
}
