import { type Gate, OnFailure, Phase } from "../gates/gate";
import { onFailureOf } from "../plan/onFailure";
import type { Step } from "../plan/plan";
import { sampleEvery } from "./cadence";
import type { Happening, RollbackReason } from "./event";
import { wantsPromotion } from "./intent";
import { allOpinions, letsGoOn } from "./opinions";
import { timeAtStep } from "./pausing";
import { type Outcome, type RunState, Stage } from "./state";

/** Gates that are asked at one phase. */
export interface Round {
  phase: Phase;
  gates: readonly string[];
}

/** What is to be done next. Times are in ms since the epoch. */
export type Action =
  /** Only an event: the state goes on with it. */
  | { do: "tell"; happening: Happening }
  /** Ask these gates, until then at the longest. */
  | { do: "ask"; rounds: readonly Round[]; until: number }
  /** Bring the stack up as it is, until then at the longest. */
  | { do: "prepare"; until: number }
  /** Write the step's config and bring it up, until then at the longest. */
  | { do: "shift"; step: number; until: number }
  /** Measure whether the traffic follows the step's shares; if not, it is given up then, or is to be gone on with. */
  | { do: "follow"; step: number; until: number; givesUp: boolean }
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
 * Whatever it waits for, from the first shift until the target has everything the gates that are asked while a step is
 * held are asked again and again, because users are answered by the target all the while.
 *
 * A pause keeps the run at its step: gates go on being sampled, and one that fails still ends the run, but nothing is
 * shifted. It stops the clock of the step, not that of the whole run.
 */
export function nextAction(state: RunState, gates: readonly GateInPlan[], now: number): Action {
  switch (state.stage) {
    case Stage.Ended:
      return { do: "end", outcome: state.outcome as Outcome };
    case Stage.RollingBack:
      return back(state, now);
    default:
      return wayOut(state, now) ?? shortCut(state) ?? pause(state) ?? forward(state, gates, now);
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
  for (const { result, failuresInARow } of allOpinions(state.opinions)) {
    const isOver =
      failuresInARow >= plan.limits.failureThreshold && onFailureOf(plan, result.gate) === OnFailure.RollBack;
    if (result.verdict === "rejected" || isOver) {
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
function shortCut(state: RunState): Action | undefined {
  const { promotion, steps } = state.plan;
  return wantsPromotion(state) && state.stage !== Stage.Shifting ? shifting(promotion, steps.length) : undefined;
}

/** A gate has failed for which a person is waited for, and that was not told yet. */
function pause({ plan, opinions, failedGates, by }: RunState): Action | undefined {
  const failed = allOpinions(opinions).find(
    ({ result, failuresInARow }) =>
      failuresInARow >= plan.limits.failureThreshold && !failedGates.some(({ gate }) => gate === result.gate),
  );
  return (
    failed && { do: "tell", happening: { type: "paused", by, gate: failed.result.gate, why: failed.result.reason } }
  );
}

function forward(state: RunState, gates: readonly GateInPlan[], now: number): Action {
  const { stage, step, plan } = state;
  switch (stage) {
    case Stage.Entering:
      return enter(state, gates, now);
    case Stage.Shifting:
      return betweenAttempts(state, gates, now) ?? { do: "shift", step, until: deadline(state, now) };
    case Stage.Converging:
      return overdue(state, gates, now) ?? follow(state, gates, now);
    default:
      return step === plan.steps.length
        ? { do: "tell", happening: { type: "promoted", seconds: (now - state.startedAt) / 1000 } }
        : hold(state, gates, now);
  }
}

/**
 * An `up` that is tried again may take as long as the step: gates are asked in between, and in a pause it is not tried.
 * A person who wants the target to take everything waits for neither.
 */
function betweenAttempts(state: RunState, gates: readonly GateInPlan[], now: number): Action | undefined {
  if (state.trouble === undefined || wantsPromotion(state)) {
    return undefined;
  }
  const due = heldTo(state, gates).length === 0 ? Infinity : nextLook(state);
  const paused: Action | undefined =
    state.pausedAt === undefined ? undefined : { do: "wait", until: Math.min(due, deadline(state, now)) };
  return overdue(state, gates, now) ?? paused;
}

/**
 * Asks the gates that come before a step, each until it has passed; then shifts. Before the first, the stack is
 * prepared. Gates that have not passed again while that took its time are waited for, too.
 */
function enter(state: RunState, gates: readonly GateInPlan[], now: number): Action {
  const { step, plan, pausedAt, prepared, opinions } = state;
  const isPromotion = step === plan.steps.length;
  const phase = !prepared ? Phase.Start : isPromotion ? Phase.Promotion : Phase.Step;
  const open = pausedAt === undefined ? namesAt(gates, phase).filter((gate) => !hasPassed(state, phase, gate)) : [];
  const held = heldTo(state, gates);
  const isDoubted = held.some((gate) => opinions[Phase.Hold]?.[gate] !== undefined && !letsGoOn(state, gate));
  if (pausedAt === undefined && open.length === 0 && !isDoubted) {
    const to = isPromotion ? plan.promotion : plan.steps[step];
    return prepared ? shifting(to, step) : { do: "prepare", until: deadline(state, now) };
  }
  const rounds = [
    { phase, gates: open, due: nextSample(state, phase, open) },
    { phase: Phase.Hold, gates: held, due: nextLook(state) },
  ];
  return ask(
    state,
    rounds.filter((round) => round.gates.length > 0),
    now,
  );
}

/** Measures whether the traffic follows, until the gates are to be asked in between. */
function follow(state: RunState, gates: readonly GateInPlan[], now: number): Action {
  const { plan, step, inForceSince, stepSince } = state;
  const patience = (plan.limits.convergenceTimeoutSeconds ?? FOLLOW_S) * 1000;
  const until = Math.max(inForceSince, stepSince) + patience;
  const end = isPromoted(state) ? until : Math.min(until, deadline(state, now));
  const due = heldTo(state, gates).length === 0 ? Infinity : nextLook(state);
  return { do: "follow", step, until: Math.min(end, due), givesUp: end <= due };
}

/** Asks the gates of the shares in force if it is time to, whatever else the run is at. */
function overdue(state: RunState, gates: readonly GateInPlan[], now: number): Action | undefined {
  const held = heldTo(state, gates);
  return held.length > 0 && now >= nextLook(state)
    ? ask(state, [{ phase: Phase.Hold, gates: held, due: now }], now)
    : undefined;
}

/** The gates that the shares in force are held to: none before the first shift, and none after the promotion. */
function heldTo(state: RunState, gates: readonly GateInPlan[]): string[] {
  return state.inForceStep >= 0 && !isPromoted(state) ? namesAt(gates, Phase.Hold) : [];
}

function hold(state: RunState, gates: readonly GateInPlan[], now: number): Action {
  const {
    step,
    plan,
    pausedAt,
    sampledAt: { hold: sampledAt },
    heldSince,
  } = state;
  const from = heldSince as number;
  const end = from + plan.steps[step].holdSeconds * 1000;
  const wanted = namesAt(gates, Phase.Hold);
  const last = sampledAt !== undefined && sampledAt >= from ? sampledAt : undefined;
  if (last !== undefined && last >= end && wanted.every((gate) => letsGoOn(state, gate)) && pausedAt === undefined) {
    return { do: "tell", happening: { type: "held", step } };
  }
  const due = (last ?? from) + sampleEvery(state);
  return ask(
    state,
    [{ phase: Phase.Hold, gates: wanted, due: last === undefined || last < end ? Math.min(due, end) : due }],
    now,
  );
}

/** Asks those whose time has come, and with them those whose time comes soon: their figures are read but once. */
function ask(state: RunState, rounds: readonly (Round & { due: number })[], now: number): Action {
  const until = deadline(state, now);
  const next = Math.min(...rounds.map(({ due }) => due));
  if (now < next) {
    return { do: "wait", until: Math.min(next, until) };
  }
  const soon = now + state.plan.limits.intervalSeconds * 500;
  const asked = rounds.filter(({ due }) => due <= soon).map(({ phase, gates }) => ({ phase, gates }));
  return { do: "ask", rounds: asked, until };
}

/** At once those that were not asked yet; those that did not pass, after the interval. */
function nextSample({ opinions, sampledAt, plan }: RunState, phase: Phase, open: readonly string[]): number {
  const isFirst = open.some((gate) => opinions[phase]?.[gate] === undefined);
  const last = sampledAt[phase];
  return isFirst || last === undefined ? 0 : last + plan.limits.intervalSeconds * 1000;
}

/** When the gates of the shares in force are asked again while the step is not held. */
function nextLook(state: RunState): number {
  const { sampledAt, stepSince, inForceSince } = state;
  return (sampledAt[Phase.Hold] ?? Math.max(stepSince, inForceSince)) + sampleEvery(state);
}

/** The step's deadline or the run's, whichever comes first. In a pause the step's has no time; then it is the run's. */
function deadline(state: RunState, now: number): number {
  const { plan, startedAt, pausedAt } = state;
  const ofRun = startedAt + plan.limits.deadlineSeconds * 1000;
  return pausedAt === undefined
    ? Math.min(ofRun, now + plan.limits.stepDeadlineSeconds * 1000 - timeAtStep(state, now))
    : ofRun;
}

function shifting({ name, weights, others }: Step, step: number): Action {
  return { do: "tell", happening: { type: "shifting", step, name, weights, ...(others && { others }) } };
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
  const open = allOpinions(opinions).filter(({ result }) => result.verdict !== "passed");
  return open.length > 0 ? open.map(({ result }) => `${result.gate}: ${result.reason}`).join("; ") : trouble;
}

function last(text: string | undefined): string {
  return text === undefined ? "" : `; last: ${text}`;
}
