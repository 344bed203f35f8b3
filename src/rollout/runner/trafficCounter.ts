import { errorMessage } from "../../internal/http/errorMessage";
import type { MetricsSource } from "../metrics/source";
import type { Happening, UsersSaw } from "./event";
import type { RunSources } from "./sources";
import type { RunState } from "./state";
import { counted, type CountedTraffic, usersSaw } from "./traffic";
import { plus } from "./users";

/** What an event holds of the traffic that was counted. */
export type Counted = Pick<Happening & { type: "sampled" }, "traffic" | "others">;

/** Counts the traffic of all apps that a run moves, each from where it was counted last. */
export class TrafficCounter {
  /** The apps of which was told already why there are no metrics; the run's own is "". */
  private readonly told = new Set<string>();
  /** Until when this process has counted each app's traffic. */
  private readonly countedTo = new Map<string, number>();

  /** @param note Told, once for each app, why there are no metrics. */
  constructor(
    private readonly sources: RunSources,
    private readonly note: (text: string) => void,
  ) {}

  /** What was answered since the count before, of the apps whose sources can say it. */
  async count(state: RunState, to: number, signal: AbortSignal): Promise<Counted> {
    const [own, ...others] = await Promise.all([
      this.countOne("", this.sources.own, state.countedAt, to, signal),
      ...Object.entries(state.others).map(([name, { countedAt }]) =>
        this.countOne(name, this.sources.others[name], countedAt, to, signal),
      ),
    ]);
    const known = Object.keys(state.others).flatMap((name, index) => {
      const traffic = others[index];
      return traffic === undefined ? [] : [[name, traffic] as const];
    });
    return {
      ...(own === undefined ? {} : { traffic: own }),
      ...(known.length === 0 ? {} : { others: Object.fromEntries(known) }),
    };
  }

  /** What the users of all apps saw of the run until now. @throws Error if no source can say it */
  async usersSaw(state: RunState, now: number, signal: AbortSignal): Promise<UsersSaw> {
    const seen = await Promise.allSettled([
      this.usersOfOne("", this.sources.own, state, now, signal),
      ...Object.entries(state.others).map(([name, progress]) =>
        this.usersOfOne(name, this.sources.others[name], { ...state, ...progress }, now, signal),
      ),
    ]);
    const known = seen.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    if (known.length === 0) {
      throw (seen[0] as PromiseRejectedResult).reason;
    }
    return known.reduce(plus);
  }

  /** What was sampled counts where the source says nothing now. */
  private async usersOfOne(
    name: string,
    source: MetricsSource,
    state: RunState,
    now: number,
    signal: AbortSignal,
  ): Promise<UsersSaw> {
    try {
      return await usersSaw(source, { ...state, countedAt: this.countedTo.get(name) ?? state.countedAt }, now, signal);
    } catch (error) {
      if (state.counted.requests > 0) {
        return state.counted;
      }
      throw error;
    }
  }

  private async countOne(
    name: string,
    source: MetricsSource,
    countedAt: number,
    to: number,
    signal: AbortSignal,
  ): Promise<CountedTraffic | undefined> {
    try {
      const traffic = counted(await source.traffic({ from: this.countedTo.get(name) ?? countedAt, to }, signal));
      this.countedTo.set(name, to);
      return traffic;
    } catch (error) {
      if (!this.told.has(name) && !signal.aborted) {
        this.told.add(name);
        this.note(`metrics${name === "" ? "" : ` of ${name}`} are not available: ${errorMessage(error)}`);
      }
      return undefined;
    }
  }
}
