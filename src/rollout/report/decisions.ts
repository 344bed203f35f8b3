import { Verdict, type GateResult } from "../gates/gate";
import { count, duration, percent } from "../../internal/format";
import { formatWeights } from "../weights";
import type { Timeline } from "./timeline";

/** How a row of the report is to be taken. */
export const Tone = {
  Good: "good",
  Bad: "bad",
  Waiting: "waiting",
  Plain: "plain",
} as const;
export type Tone = (typeof Tone)[keyof typeof Tone];

/** Something that was decided or happened, and the figures it was decided by. */
export interface Decision {
  /** When, in ms since the epoch. */
  at: number;
  /** In which step; empty outside of any. */
  step: string;
  /** E.g. `goes on`, `success-rate failed`. */
  what: string;
  /** Why, for people. */
  why: string;
  tone: Tone;
  figures: Readonly<Record<string, number>>;
}

/** What an answer of a gate is called. */
export const VERDICT_TONES: Readonly<Record<Verdict, Tone>> = {
  [Verdict.Passed]: Tone.Good,
  [Verdict.Failed]: Tone.Bad,
  [Verdict.Refused]: Tone.Bad,
  [Verdict.Undecided]: Tone.Waiting,
};

/**
 * Everything that decided about the run, in order: its own turns, people, and each answer of a gate that was not
 * «passed»; of waiting, the last.
 */
export function decisionsOf(timeline: Timeline): Decision[] {
  const { plan, events } = timeline;
  const nameOf = (step: number): string =>
    step < 0 ? "" : step >= plan.steps.length ? "promotion" : plan.steps[step].name;
  let last: readonly GateResult[] = [];
  const decisions = events.flatMap((event): Decision[] => {
    const row = (
      what: string,
      why: string,
      tone: Tone = Tone.Plain,
      step = "",
      figures: Decision["figures"] = {},
    ): Decision[] => [{ at: Date.parse(event.at), step, what, why, tone, figures }];
    switch (event.type) {
      case "started":
        return row(
          "starts",
          `by ${event.by}; ${plan.strategy} to ${plan.target}, from ${formatWeights(plan.before.weights)}`,
        );
      case "prepared":
        return row("ready", `the stack is up after ${duration(event.seconds)}`);
      case "shifting":
        last = [];
        return row("shifts", `to ${formatWeights(event.weights)}`, Tone.Plain, nameOf(event.step));
      case "followed":
        return row(
          "traffic follows",
          event.measured === undefined
            ? `not measured: ${event.unmeasured ?? "no figures"}`
            : `after ${duration(event.seconds)}`,
          event.measured === undefined ? Tone.Waiting : Tone.Plain,
          nameOf(event.step),
          event.measured ?? {},
        );
      case "sampled":
        last = event.results;
        return event.results
          .filter(({ verdict }) => verdict !== Verdict.Passed)
          .flatMap((result) =>
            row(
              `${result.gate} ${result.verdict}`,
              result.reason,
              VERDICT_TONES[result.verdict],
              nameOf(event.step),
              result.figures,
            ),
          );
      case "held":
        return row(
          "goes on",
          last.length === 0 ? "held as planned" : last.map(({ gate, reason }) => `${gate}: ${reason}`).join("; "),
          Tone.Good,
          nameOf(event.step),
          figuresOf(last),
        );
      case "decided":
        return row(
          event.approved ? `${event.gate} approved` : `${event.gate} refused`,
          `by ${event.by}`,
          event.approved ? Tone.Good : Tone.Bad,
          nameOf(event.step),
        );
      case "asked":
        return row(`${event.what} asked for`, `by ${event.by}`);
      case "paused":
      case "resumed":
      case "takenOver":
        return row(event.type === "takenOver" ? "taken over" : event.type, `by ${event.by}`, Tone.Waiting);
      case "rollingBack":
        return row("rolls back", event.why, Tone.Bad, "", event.reason === "gate" ? figuresOf(last) : {});
      case "rolledBack":
        return row("rolled back", `to ${formatWeights(plan.before.weights)} in ${duration(event.seconds)}`, Tone.Bad);
      case "promoted":
        return row("promoted", `${plan.target} has everything after ${duration(event.seconds)}`, Tone.Good);
      case "failed":
        return row("failed", event.why, Tone.Bad);
      case "noted":
        return row(
          event.level === "warning" ? "warning" : "note",
          event.text,
          event.level === "warning" ? Tone.Waiting : Tone.Plain,
        );
      default:
        return [];
    }
  });
  return withoutRepeats(decisions);
}

/** Figures of several gates, each under its gate's name. */
function figuresOf(results: readonly GateResult[]): Record<string, number> {
  return Object.fromEntries(
    results.flatMap(({ gate, figures }) => Object.entries(figures).map(([name, value]) => [`${gate}.${name}`, value])),
  );
}

/** Figures in one line: `requests 1,204, success 98.2`. */
export function figuresText(figures: Readonly<Record<string, number>>): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${count(value, 3)}`)
    .join(", ");
}

/** How a run stands, in one sentence. */
export function headline({ plan, outcome }: Timeline): { text: string; tone: Tone } {
  switch (outcome.kind) {
    case "promoted":
      return {
        text: `Promoted: ${plan.target} of ${plan.app} takes ${percent((plan.promotion.weights[plan.target] ?? 100) / 100)} of the traffic`,
        tone: Tone.Good,
      };
    case "rolledBack":
      return { text: `Rolled back (${outcome.reason}): ${outcome.why}`, tone: Tone.Bad };
    case "failed":
      return { text: `Failed: ${outcome.why}`, tone: Tone.Bad };
    case "underway":
      return { text: `Under way: ${plan.target} of ${plan.app}`, tone: Tone.Waiting };
  }
}

/** A gate that waits says so at every sample: such answers in a row are told once, with the last of them. */
function withoutRepeats(decisions: readonly Decision[]): Decision[] {
  const told: (Decision & { times: number })[] = [];
  for (const decision of decisions) {
    const before = told.at(-1);
    if (
      before !== undefined &&
      decision.tone === Tone.Waiting &&
      before.what === decision.what &&
      before.step === decision.step
    ) {
      told[told.length - 1] = { ...decision, at: before.at, times: before.times + 1 };
    } else {
      told.push({ ...decision, times: 1 });
    }
  }
  return told.map(({ times, ...decision }) =>
    times === 1 ? decision : { ...decision, why: `${times} times, lastly: ${decision.why}` },
  );
}
