import { type Gate, Phase } from "../gates/gate";
import type { Happening, RollbackReason } from "./event";
import { type Outcome, type RunState, Stage, timeAtStep } from "./state";

/** What is to be done next. Times are in ms since the epoch. */
export type Action =
  /** Only an event: the state goes on with it. */
  | { do: "tell"; happening: Happening }
  /** Ask these gates, until then at the longest. */
  | { do: "ask"; phase: Phase; gates: readonly string[]; until: number }
  /** Bring the stack up as it is, until then at the longest. */
  | { do: "prepare"; until: number }
  /** Write the step's config and bring it up, until then at the longest. */
  | { do: "shift"; step: number; until: number }
  /** Measure whether the traffic follows the step's shares. */
  | { do: "follow"; step: number; until: number }
  /** Nothing before then, unless a person says something. */
  | { do: "wait"; until: number }
  /** Bring back what was before the run, until then at the longest. */
  | { do: "restore"; until: number }
  | { do: "end"; outcome: Outcome };

/** What is known of a gate without asking it. */
export type GateInPlan = Pick<Gate, "name" | "phases">;

/** How long the way back is tried, unless the plan says otherwise, in seconds. */
const ROLLBACK_DEADLINE_S = 600;
/** How long the traffic is waited for, unless the plan says otherwise, in seconds. */
const FOLLOW_S = 30;

/**
 * What a run does next: decided from its state alone, so that a process that takes it over decides the same.
 *
 * A pause keeps the run at its step: gates go on being sampled while the step is held, and one that fails still ends
 * the run, but nothing is shifted. It stops the clock of the step, not that of the whole run.
 */
export function nextAction(state: RunState, gates: readonly GateInPlan[], now: number): Action {
  switch (state.stage) {
    case Stage.Ended:
      return { do: "end", outcome: state.outcome as Outcome };
    case Stage.RollingBack:
      return back(state, now);
    default:
      return wayOut(state, now) ?? shortCut(state) ?? forward(state, gates, now);
  }
}

function back({ touched, rollback, plan, trouble }: RunState, now: number): Action {
  const { reason, since } = rollback as NonNullable<RunState["rollback"]>;
  if (!touched) {
    return { do: "tell", happening: { type: "rolledBack", reason, seconds: (now - since) / 1000 } };
  }
  const seconds = plan.limits.rollbackDeadlineSeconds ?? ROLLBACK_DEADLINE_S;
  const until = since + seconds * 1000;
  return now < until
    ? { do: "restore", until }
    : {
        do: "tell",
        happening: { type: "failed", why: `the rollback did not succeed within ${seconds} s${last(trouble)}` },
      };
}

/** Whether the run has to go back, and why. */
function wayOut(state: RunState, now: number): Action | undefined {
  const { command, decisions, plan, step, startedAt } = state;
  if (command?.name === "abort") {
    return rollBack("person", `requested by ${command.by}`);
  }
  const rejected = decisions.find(({ approved }) => !approved);
  if (rejected !== undefined) {
    return rollBack("person", `${rejected.by} rejected ${rejected.gate}`);
  }
  for (const { result, failuresInARow } of Object.values(state.opinions).flatMap((byGate) => Object.values(byGate))) {
    if (result.verdict === "rejected" || failuresInARow >= plan.limits.failureThreshold) {
      return rollBack("gate", `${result.gate}: ${result.reason}`);
    }
  }
  if (isPromoted(state)) {
    return undefined;
  }
  if (now >= startedAt + plan.limits.deadlineSeconds * 1000) {
    return rollBack("deadline", `the run took longer than ${plan.limits.deadlineSeconds} s${last(waitedFor(state))}`);
  }
  if (timeAtStep(state, now) >= plan.limits.stepDeadlineSeconds * 1000) {
    return rollBack(
      "deadline",
      `${nameOf(state, step)} took longer than ${plan.limits.stepDeadlineSeconds} s${last(waitedFor(state))}`,
    );
  }
  return undefined;
}

/** A person wants the target to take everything now. */
function shortCut({ command, stage, step, plan }: RunState): Action | undefined {
  const there = plan.steps.length;
  return command?.name === "promote" && stage !== Stage.Shifting && step < there
    ? shifting(plan.promotion.name, there, plan.promotion.weights)
    : undefined;
}

function forward(state: RunState, gates: readonly GateInPlan[], now: number): Action {
  const { stage, step, plan } = state;
  switch (stage) {
    case Stage.Entering:
      return enter(state, gates, now);
    case Stage.Shifting:
      return { do: "shift", step, until: deadline(state, now) };
    case Stage.Converging: {
      const until = now + (plan.limits.convergenceTimeoutSeconds ?? FOLLOW_S) * 1000;
      return { do: "follow", step, until: isPromoted(state) ? until : Math.min(until, deadline(state, now)) };
    }
    default:
      return step === plan.steps.length
        ? { do: "tell", happening: { type: "promoted", seconds: (now - state.startedAt) / 1000 } }
        : hold(state, gates, now);
  }
}

/**
 * Asks the gates that come before a step, each until it has passed; then shifts. Before the first, the stack is
 * prepared.
 */
function enter(state: RunState, gates: readonly GateInPlan[], now: number): Action {
  const { step, plan, pausedAt, prepared } = state;
  if (pausedAt !== undefined) {
    return { do: "wait", until: deadline(state, now) };
  }
  const isPromotion = step === plan.steps.length;
  const before = (phase: Phase): Action | undefined => {
    const open = namesAt(gates, phase).filter((gate) => !hasPassed(state, phase, gate));
    return open.length === 0 ? undefined : ask(state, phase, open, nextSample(state, phase, open), now);
  };
  if (!prepared) {
    return before(Phase.Start) ?? { do: "prepare", until: deadline(state, now) };
  }
  const asking = before(isPromotion ? Phase.Promotion : Phase.Step);
  if (asking !== undefined) {
    return asking;
  }
  const to = isPromotion ? plan.promotion : plan.steps[step];
  return shifting(to.name, step, to.weights);
}

function hold(state: RunState, gates: readonly GateInPlan[], now: number): Action {
  const { step, plan, pausedAt, sampledAt, heldSince } = state;
  const from = heldSince as number;
  const end = from + plan.steps[step].holdSeconds * 1000;
  const wanted = namesAt(gates, Phase.Hold);
  const last = sampledAt !== undefined && sampledAt >= from ? sampledAt : undefined;
  if (
    last !== undefined &&
    last >= end &&
    wanted.every((gate) => hasPassed(state, Phase.Hold, gate)) &&
    pausedAt === undefined
  ) {
    return { do: "tell", happening: { type: "held", step } };
  }
  const due = (last ?? from) + plan.limits.intervalSeconds * 1000;
  return ask(state, Phase.Hold, wanted, last === undefined || last < end ? Math.min(due, end) : due, now);
}

function ask(state: RunState, phase: Phase, gates: readonly string[], due: number, now: number): Action {
  const until = deadline(state, now);
  return now < due ? { do: "wait", until: Math.min(due, until) } : { do: "ask", phase, gates, until };
}

/** At once those that were not asked yet; those that did not pass, after the interval. */
function nextSample({ opinions, sampledAt, plan }: RunState, phase: Phase, open: readonly string[]): number {
  const isFirst = open.some((gate) => opinions[phase]?.[gate] === undefined);
  return isFirst || sampledAt === undefined ? 0 : sampledAt + plan.limits.intervalSeconds * 1000;
}

/** The step's deadline or the run's, whichever comes first. In a pause the step's has no time; then it is the run's. */
function deadline(state: RunState, now: number): number {
  const { plan, startedAt, pausedAt } = state;
  const ofRun = startedAt + plan.limits.deadlineSeconds * 1000;
  return pausedAt === undefined
    ? Math.min(ofRun, now + plan.limits.stepDeadlineSeconds * 1000 - timeAtStep(state, now))
    : ofRun;
}

function shifting(name: string, step: number, weights: RunState["plan"]["promotion"]["weights"]): Action {
  return { do: "tell", happening: { type: "shifting", step, name, weights } };
}

function rollBack(reason: RollbackReason, why: string): Action {
  return { do: "tell", happening: { type: "rollingBack", reason, why } };
}

function namesAt(gates: readonly GateInPlan[], phase: Phase): string[] {
  return gates.filter(({ phases }) => phases.includes(phase)).map(({ name }) => name);
}

function hasPassed({ opinions }: RunState, phase: Phase, gate: string): boolean {
  return opinions[phase]?.[gate]?.result.verdict === "passed";
}

/** Whether the target has everything: from then on only a person can send the run back. */
function isPromoted({ stage, step, plan }: RunState): boolean {
  return step === plan.steps.length && (stage === Stage.Converging || stage === Stage.Holding);
}

function nameOf({ plan, prepared }: RunState, step: number): string {
  return !prepared
    ? "the preparation"
    : step === plan.steps.length
      ? "the promotion"
      : `step ${step + 1} (${plan.steps[step].name})`;
}

/** What kept the run from going on: gates that have not passed, or else what went wrong last. */
function waitedFor({ opinions, trouble }: RunState): string | undefined {
  const open = Object.values(opinions)
    .flatMap((byGate) => Object.values(byGate))
    .filter(({ result }) => result.verdict !== "passed");
  return open.length > 0 ? open.map(({ result }) => `${result.gate}: ${result.reason}`).join("; ") : trouble;
}

function last(text: string | undefined): string {
  return text === undefined ? "" : `; last: ${text}`;
}
