import type { Evidence } from "../gates/gate";
import type { Happening, RolloutEvent } from "./event";
import { type Opinions, withoutFailures } from "./opinions";

/** How long a run has been at its step, and whether it is paused. Times are in ms since the epoch. */
export interface Pausing {
  /** Since when the run is at this step. */
  readonly stepSince: number;
  readonly pausedAt?: number;
  /** The gates whose failure has paused the run, until a person decides. */
  readonly failedGates: readonly { gate: string; why: string }[];
  /** How long this step was paused, without a pause that goes on, in ms. */
  readonly pausedMs: number;
}

/** What gates have said, and what they know. */
interface Judged {
  readonly opinions: Opinions;
  readonly evidence: Readonly<Record<string, Evidence>>;
  readonly judgedSince: Readonly<Record<string, number>>;
}

/** A person pauses a run once, and each gate does that fails meanwhile. */
export function paused(
  state: Pausing,
  { gate, why = "" }: RolloutEvent & { type: "paused" },
  at: number,
): Partial<Pausing> {
  return {
    ...(state.pausedAt === undefined ? { pausedAt: at } : {}),
    ...(gate === undefined ? {} : { failedGates: [...state.failedGates, { gate, why }] }),
  };
}

/** What paused the run is forgotten: gates that failed are judged by what they count from then on. */
export function resumed(state: Pausing & Judged, at: number): Partial<Pausing & Judged> {
  const { pausedAt, pausedMs, stepSince, opinions, evidence, judgedSince } = state;
  if (pausedAt === undefined) {
    return {};
  }
  const failed = state.failedGates.map(({ gate }) => gate);
  return {
    pausedAt: undefined,
    pausedMs: pausedMs + at - Math.max(pausedAt, stepSince),
    failedGates: [],
    opinions: withoutFailures(opinions, failed),
    evidence: Object.fromEntries(Object.entries(evidence).filter(([gate]) => !failed.includes(gate))),
    judgedSince: { ...judgedSince, ...Object.fromEntries(failed.map((gate) => [gate, at])) },
  };
}

/** How long the run has been at its step in ms, without the time it was paused. */
export function timeAtStep({ stepSince, pausedMs, pausedAt }: Pausing, now: number): number {
  return now - stepSince - pausedMs - (pausedAt === undefined ? 0 : now - Math.max(pausedAt, stepSince));
}

/**
 * A sample without answers to questions from before a person let the run go on: what their gates knew does not count.
 *
 * @param asked Since when the gates were judged when they were asked.
 * @param now Since when they are judged now.
 */
export function withoutForgotten(
  happening: Happening,
  asked: Judged["judgedSince"],
  now: Judged["judgedSince"],
): Happening {
  return happening.type !== "sampled"
    ? happening
    : { ...happening, results: happening.results.filter(({ gate }) => asked[gate] === now[gate]) };
}
