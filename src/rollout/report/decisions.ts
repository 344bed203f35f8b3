import { Phase, Verdict, type GateResult } from "../gates/gate";
import { count, duration, percent } from "../../internal/format";
import { sharesText, targetsText } from "../plan/planApps";
import type { RolloutEvent } from "../runner/event";
import { isVerified } from "./sentence";
import type { Timeline } from "./timeline";

/** How a row of the report is to be taken. */
export const Tone = {
  Good: "good",
  Bad: "bad",
  Waiting: "waiting",
  Plain: "plain",
} as const;
export type Tone = (typeof Tone)[keyof typeof Tone];

/** Something that was decided or happened, and the metrics it was decided by. */
export interface Decision {
  /** When, in ms since the epoch. */
  at: number;
  /** In which step; empty outside of any. */
  step: string;
  /** E.g. `continues`, `success-rate failed`. */
  what: string;
  /** Why, for people. */
  why: string;
  tone: Tone;
  metrics: Readonly<Record<string, number>>;
}

/** What an answer of a gate is called. */
export const VERDICT_TONES: Readonly<Record<Verdict, Tone>> = {
  [Verdict.Passed]: Tone.Good,
  [Verdict.Failed]: Tone.Bad,
  [Verdict.Rejected]: Tone.Bad,
  [Verdict.Inconclusive]: Tone.Waiting,
};

/**
 * Everything that decided about the run, in order: its own turns, people, and each answer of a gate that was not
 * passed; of waiting, the last.
 */
export function decisionsOf(timeline: Timeline): Decision[] {
  const { plan, events } = timeline;
  const nameOf = (step: number): string =>
    step < 0 ? "" : step >= plan.steps.length ? "promotion" : plan.steps[step].name;
  let last: Readonly<Record<string, readonly GateResult[]>> = {}; // by phase
  const decisions = events.flatMap((event): Decision[] => {
    const row = (
      what: string,
      why: string,
      tone: Tone = Tone.Plain,
      step = "",
      metrics: Decision["metrics"] = {},
    ): Decision[] => [{ at: Date.parse(event.at), step, what, why, tone, metrics }];
    switch (event.type) {
      case "started":
        return row(
          "started",
          `by ${event.by}; ${plan.strategy} to ${plan.others === undefined ? plan.target : targetsText(plan)}, from ${sharesText(plan, plan.before)}`,
        );
      case "prepared":
        return row("ready", `the stack is up after ${duration(event.seconds)}`);
      case "shifting":
        last = {};
        return row("shifting", `to ${sharesText(plan, event)}`, Tone.Plain, nameOf(event.step));
      case "converged":
        return row(
          "converged",
          isVerified(event)
            ? `after ${duration(event.seconds)}${matching(event)}`
            : `unverified: ${event.unverified ?? "no metrics"}`,
          isVerified(event) ? Tone.Plain : Tone.Waiting,
          nameOf(event.step),
          { ...event.actual, ...sharesByName(event.others) },
        );
      case "sampled":
        last = { ...last, [event.phase]: event.results };
        return event.results
          .filter(({ verdict }) => verdict !== Verdict.Passed)
          .flatMap((result) =>
            row(
              `${result.gate} ${result.verdict}`,
              result.reason,
              VERDICT_TONES[result.verdict],
              nameOf(event.step),
              result.metrics,
            ),
          );
      case "held": {
        const results = last[Phase.Hold] ?? [];
        last = {};
        return row(
          "continues",
          results.length === 0 ? "held as planned" : results.map(({ gate, reason }) => `${gate}: ${reason}`).join("; "),
          Tone.Good,
          nameOf(event.step),
          metricsOf(results),
        );
      }
      case "decided":
        return row(
          event.approved ? `${event.gate} approved` : `${event.gate} rejected`,
          `by ${event.by}`,
          event.approved ? Tone.Good : Tone.Bad,
          nameOf(event.step),
        );
      case "commanded":
        return row(`${event.command} requested`, `by ${event.by}`);
      case "paused":
        return event.gate === undefined
          ? row("paused", `by ${event.by}`, Tone.Waiting)
          : row("paused", `${event.gate}: ${event.why ?? ""}`, Tone.Bad, "", metricsOf(Object.values(last).flat()));
      case "resumed":
      case "takenOver":
        return row(event.type === "takenOver" ? "taken over" : event.type, `by ${event.by}`, Tone.Waiting);
      case "rollingBack":
        return row(
          "rolling back",
          event.why,
          Tone.Bad,
          "",
          event.reason === "gate" ? metricsOf(Object.values(last).flat()) : {},
        );
      case "rolledBack":
        return row("rolled back", `to ${sharesText(plan, plan.before)} in ${duration(event.seconds)}`, Tone.Bad);
      case "promoted":
        return row(
          "promoted",
          `${plan.others === undefined ? `${plan.target} has` : `${targetsText(plan)} have`} all requests after ${duration(event.seconds)}`,
          Tone.Good,
        );
      case "failed":
        return row("failed", event.why, Tone.Bad);
      case "logged":
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

/** Metrics of several gates, each under its gate's name. */
function metricsOf(results: readonly GateResult[]): Record<string, number> {
  return Object.fromEntries(
    results.flatMap(({ gate, metrics }) => Object.entries(metrics).map(([name, value]) => [`${gate}.${name}`, value])),
  );
}

/** Metrics in one line: `requests 1,204, success 98.2`. */
export function formatMetrics(metrics: Readonly<Record<string, number>>): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${count(value, 3)}`)
    .join(", ");
}

/** How a run stands, in one sentence. */
export function headline({ plan, outcome }: Timeline): { text: string; tone: Tone } {
  switch (outcome.kind) {
    case "promoted":
      return {
        text: `Promoted: ${targetsText(plan)} ${plan.others === undefined ? "takes" : "take"} ${percent((plan.promotion.weights[plan.target] ?? 100) / 100)} of the traffic`,
        tone: Tone.Good,
      };
    case "rolledBack":
      return { text: `Rolled back (${outcome.reason}): ${outcome.why}`, tone: Tone.Bad };
    case "failed":
      return { text: `Failed: ${outcome.why}`, tone: Tone.Bad };
    case "underway":
      return { text: `In progress: ${targetsText(plan)}`, tone: Tone.Waiting };
  }
}

/**
 * A gate that waits says so at every sample: such answers, with nothing but other gates' between them, are told once,
 * with the last of them.
 */
function withoutRepeats(decisions: readonly Decision[]): Decision[] {
  const told: (Decision & { times: number })[] = [];
  let waiting: typeof told = []; // since the last that was more than that
  for (const decision of decisions) {
    const before = waiting.find(({ what, step }) => what === decision.what && step === decision.step);
    if (before !== undefined && decision.tone === Tone.Waiting) {
      Object.assign(before, decision, { at: before.at, times: before.times + 1 });
      continue;
    }
    const row = { ...decision, times: 1 };
    told.push(row);
    waiting = decision.tone === Tone.Waiting ? [...waiting, row] : [];
  }
  return told.map(({ times, ...decision }) =>
    times === 1 ? decision : { ...decision, why: `${times} times, last: ${decision.why}` },
  );
}

/** The shares of several apps as metrics, each under its app's name. */
function sharesByName(others: (RolloutEvent & { type: "converged" })["others"] = {}): Record<string, number> {
  return Object.fromEntries(
    Object.entries(others).flatMap(([name, shares]) =>
      Object.entries(shares).map(([version, share]) => [`${name}.${version}`, share]),
    ),
  );
}

function matching({ matched }: RolloutEvent & { type: "converged" }): string {
  return matched === undefined ? "" : `; about ${percent(matched / 100)} of the requests match`;
}
