import type { MetricsSource } from "../metrics/source";
import { ownName } from "../plan/planApps";
import { sameWeights } from "../weights";
import type { Clock } from "./clock";
import type { Counts } from "./convergence";
import type { RunSources } from "./sources";
import type { RunState } from "./state";
import { type Change, changeOf, type Measurement, waitForConvergence } from "./waitForConvergence";

/** What is to be seen of one app. */
interface AppChange extends Change {
  /** Its name in the plan; undefined for the run's own. */
  other?: string;
}

/** What was seen of all apps: `unverified` says of which it does not say that the traffic follows, and why. */
export interface Followed extends Measurement {
  /** The shares of the apps that take the same steps. */
  others?: Readonly<Record<string, Counts>>;
}

/** What is to be seen of a run's last shift, until then: of each app whose shares it has changed. */
export function changesOf(state: RunState, until: number): readonly AppChange[] {
  const own = changeOf(state, until);
  const others = Object.entries(state.others).map(([other, { weights, weightsBefore }]) => ({
    other,
    since: own.since,
    before: weightsBefore,
    desired: weights,
    until,
  }));
  return [own, ...others].filter(({ before, desired }) => !sameWeights(before, desired));
}

/** Waits until the traffic of each app is seen to follow. */
export async function followApps(
  { clock, sources }: { clock: Clock; sources: RunSources },
  { plan }: RunState,
  changes: readonly AppChange[],
  signal: AbortSignal,
): Promise<Followed> {
  const sourceOf = ({ other }: AppChange): MetricsSource => (other === undefined ? sources.own : sources.others[other]);
  const seen = await Promise.all(
    changes.map(async (change) => ({
      other: change.other,
      ...(await waitForConvergence({ clock, source: sourceOf(change) }, change, signal)),
    })),
  );
  if (plan.others === undefined) {
    const [{ other, ...own }] = seen;
    return own;
  }
  const { actual, matched } = seen.find(({ other }) => other === undefined) ?? {};
  const others = seen.flatMap(({ other, actual: shares }) =>
    other === undefined || shares === undefined ? [] : [[other, shares] as const],
  );
  const unverified = seen
    .filter((each) => each.unverified !== undefined)
    .map((each) => `${each.other ?? ownName(plan)}: ${each.unverified}`);
  return {
    actual,
    matched,
    ...(unverified.length === 0 ? {} : { unverified: unverified.join("; ") }),
    ...(others.length === 0 ? {} : { others: Object.fromEntries(others) }),
  };
}
