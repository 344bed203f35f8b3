import type { GateResult } from "../gates/gate";
import { type Plan, versionsOf } from "../plan/plan";
import type { RollbackReason, RolloutEvent } from "../runner/event";
import type { Weights } from "../weights";

/** How a run has ended, if it has. */
export type Outcome =
  | { kind: "promoted"; seconds: number }
  | { kind: "rolledBack"; reason: RollbackReason; why: string; seconds: number }
  /** The rollback failed. */
  | { kind: "failed"; why: string }
  | { kind: "underway" };

/** A span in which one state of the config was brought up or in force. */
export interface Stage {
  /** Index of the step; `plan.steps.length` for the promotion, -1 for the way back. */
  step: number;
  name: string;
  weights: Weights;
  /** Those of the apps that take the same steps, by their names in the plan. */
  others?: Readonly<Record<string, Weights>>;
  /** When its `up` began, in ms since the epoch, as all times here. */
  from: number;
  /** When its `up` was through. */
  shiftedAt?: number;
  /** When the traffic followed, or was not waited for any longer. */
  followedAt?: number;
  /** When the next one began, or the last that was heard. */
  to: number;
  /** The shares that were seen when it followed, in percent. */
  actual?: Readonly<Record<string, number>>;
  /** The same of the apps that take the same steps. */
  actualOfOthers?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Why they are not known. */
  unverified?: string;
}

/** What a version answered since the sample before. */
export interface Metrics {
  requests: number;
  failures: number;
  /** In ms; undefined where not known. */
  p99?: number;
}

/** One round of questions to the gates. */
export interface Sample {
  at: number;
  step: number;
  /** The step whose weights were in force, which the traffic belongs to; -1 before the first. */
  inForce: number;
  phase: string;
  results: readonly GateResult[];
  /** By version; empty if the source had nothing to say. */
  traffic: Readonly<Record<string, Metrics>>;
  /** That of the apps that take the same steps, by their names in the plan; without those whose source had nothing to say. */
  others: Readonly<Record<string, Readonly<Record<string, Metrics>>>>;
}

/** One run over time, as its events tell it: what reports are made from. */
export interface Timeline {
  run: string;
  by: string;
  plan: Plan;
  /** Every version's name, in the order of the plan's weights. */
  versions: readonly string[];
  startedAt: number;
  /** When the last event happened. */
  lastAt: number;
  outcome: Outcome;
  stages: readonly Stage[];
  samples: readonly Sample[];
  /** The desired weights, each with the time from which it applied; the first is what was before the run. */
  desired: readonly { at: number; weights: Weights }[];
  /** All events of the run, in order. */
  events: readonly RolloutEvent[];
}

/**
 * Builds a run's timeline, from its events alone.
 *
 * @param journal A journal's events, in order.
 * @param run Which run's timeline. @default the last one's in the journal
 * @throws Error if that run does not begin in them.
 */
export function buildTimeline(journal: readonly RolloutEvent[], run = journal.at(-1)?.run): Timeline {
  const events = journal.filter((event) => event.run === run);
  const first = events.find((event) => event.type === "started");
  if (first?.type !== "started") {
    throw new Error('These events do not describe a run: none of them is "started".');
  }
  const { plan } = first;
  const startedAt = Date.parse(first.at);
  const lastAt = Math.max(startedAt, ...events.map(({ at }) => Date.parse(at)));
  return {
    run: first.run,
    by: first.by,
    plan,
    versions: versionsOf(plan),
    startedAt,
    lastAt,
    outcome: outcomeOf(events),
    stages: stagesOf(events, plan, lastAt),
    samples: samplesOf(events),
    desired: desiredOf(events, plan, startedAt),
    events,
  };
}

function outcomeOf(events: readonly RolloutEvent[]): Outcome {
  let why = "";
  let outcome: Outcome = { kind: "underway" };
  for (const event of events) {
    if (event.type === "promoted") {
      outcome = { kind: "promoted", seconds: event.seconds };
    } else if (event.type === "rollingBack") {
      why = event.why;
      outcome = { kind: "underway" };
    } else if (event.type === "rolledBack") {
      outcome = { kind: "rolledBack", reason: event.reason, why, seconds: event.seconds };
    } else if (event.type === "failed") {
      outcome = { kind: "failed", why: event.why };
    }
  }
  return outcome;
}

function stagesOf(events: readonly RolloutEvent[], plan: Plan, lastAt: number): Stage[] {
  const stages: Stage[] = [];
  const begin = (stage: Omit<Stage, "to">): void => {
    const current = stages.at(-1);
    if (current !== undefined) {
      current.to = stage.from;
    }
    stages.push({ ...stage, to: lastAt });
  };
  for (const event of events) {
    const at = Date.parse(event.at);
    const current = stages.at(-1);
    if (event.type === "shifting" && current?.step !== event.step) {
      begin({ step: event.step, name: event.name, weights: event.weights, others: event.others, from: at });
    } else if (event.type === "rollingBack" && current?.step !== -1) {
      begin({ step: -1, name: "back", weights: plan.before.weights, others: plan.before.others, from: at });
    } else if (current !== undefined && event.type === "shifted") {
      current.shiftedAt = at;
    } else if (current !== undefined && event.type === "converged") {
      const { actual, others, unverified } = event;
      Object.assign(current, { followedAt: at, actual, actualOfOthers: others, unverified });
    } else if (current !== undefined && event.type === "rolledBack") {
      current.shiftedAt = at;
    }
  }
  return stages;
}

function samplesOf(events: readonly RolloutEvent[]): Sample[] {
  let inForce = -1;
  return events.flatMap((event) => {
    if (event.type === "shifted") {
      inForce = event.step;
    }
    if (event.type !== "sampled") {
      return [];
    }
    const { step, phase, results, traffic = {}, others = {} } = event;
    return [{ at: Date.parse(event.at), step, inForce, phase, results, traffic, others }];
  });
}

function desiredOf(events: readonly RolloutEvent[], plan: Plan, startedAt: number): { at: number; weights: Weights }[] {
  const desired = [{ at: startedAt, weights: plan.before.weights }];
  let next: Weights = plan.before.weights;
  for (const event of events) {
    if (event.type === "shifting") {
      next = event.weights;
    } else if (event.type === "shifted") {
      desired.push({ at: Date.parse(event.at), weights: next });
    } else if (event.type === "rolledBack") {
      desired.push({ at: Date.parse(event.at), weights: plan.before.weights });
    }
  }
  return desired;
}
