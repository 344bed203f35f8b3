import type { Span } from "../metrics/source";
import { type Evidence, Phase } from "../gates/gate";
import type { Plan } from "../plan/plan";
import { sameWeights, type Weights } from "../weights";
import type { RollbackReason, RolloutEvent, UsersSaw } from "./event";
import { othersAtStart, othersCounted, othersShifted, type OthersProgress } from "./otherApps";
import { evidenceIn, type Opinions, withSample } from "./opinions";
import { type Pausing, paused, resumed } from "./pausing";
import { answeredToUsers, plus, total } from "./users";

/** How far a run is with the step it is at. */
export const Stage = {
  /** The gates are asked that come before the step. */
  Entering: "entering",
  /** Its config is being brought up, or was when the process ended. */
  Shifting: "shifting",
  /** It is in force; whether the traffic follows is being measured. */
  Converging: "converging",
  /** It is held, and the gates are sampled. */
  Holding: "holding",
  RollingBack: "rollingBack",
  Ended: "ended",
} as const;
export type Stage = (typeof Stage)[keyof typeof Stage];

/** How a run ended. */
export const Outcome = {
  Promoted: "promoted",
  RolledBack: "rolledBack",
  /** The way back did not work; a person has to look. */
  Failed: "failed",
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** What a person decided about a gate. */
export interface Decision {
  gate: string;
  step: number;
  approved: boolean;
  by: string;
}

/**
 * Where a run is: all of it comes from its events, so that another process can go on. Times are in ms since the epoch.
 */
export interface RunState extends Pausing {
  readonly run: string;
  readonly plan: Plan;
  /** Who started it, or took it over last. */
  readonly by: string;
  readonly startedAt: number;
  readonly stage: Stage;
  /** The step that is entered, shifted to or held; `plan.steps.length` is the promotion. */
  readonly step: number;
  /** The step whose shares are in force; -1 before the first. While the next one is entered, it is the one before. */
  readonly inForceStep: number;
  /** Since when they are in force; before the first `up` since the start. */
  readonly inForceSince: number;
  /** Since when the routes have the shares that are being brought up. @default they have them with the `up` */
  readonly patchedAt?: number;
  /** Since when the step is held. */
  readonly heldSince?: number;
  /** The shares that were asked for last. */
  readonly weights: Weights;
  /** Those that they took the place of. */
  readonly weightsBefore: Weights;
  /** When those were in force: until the change to what was asked for last began. */
  readonly timeBefore: Span;
  /** Whether the stack was brought up before the first shift. */
  readonly prepared: boolean;
  /** Whether the stack's config may differ from before the run. */
  readonly touched: boolean;
  /** What the gates said at this step, by phase and gate. */
  readonly opinions: Opinions;
  /** What each gate has gathered in this run, in whatever step. */
  readonly evidence: Readonly<Record<string, Evidence>>;
  /** When gates were asked last at this step, by phase. */
  readonly sampledAt: Readonly<Partial<Record<Phase, number>>>;
  /** Since when what a gate counts is judged anew, by gate: a person let the run go on after the gate had paused it. */
  readonly judgedSince: Readonly<Record<string, number>>;
  /** When traffic was counted last. */
  readonly countedAt: number;
  /** What users had seen until then. */
  readonly counted: UsersSaw;
  /** How far it is with the apps that take the same steps. */
  readonly others: OthersProgress;
  /** What a person wants: the way back, or straight to the promotion. */
  readonly command?: { name: "abort" | "promote"; by: string };
  readonly decisions: readonly Decision[];
  readonly rollback?: { reason: RollbackReason; why: string; since: number };
  /** The last thing that went wrong at this step and is tried again. */
  readonly trouble?: string;
  readonly outcome?: Outcome;
  /** Why it failed. */
  readonly failure?: string;
}

/**
 * The state after these events, which are those of one run; events of other runs are passed over. Undefined if none has
 * started.
 */
export function fold(events: readonly RolloutEvent[]): RunState | undefined {
  return events.reduce<RunState | undefined>(advance, undefined);
}

/** The state after one more event. */
export function advance(state: RunState | undefined, event: RolloutEvent): RunState | undefined {
  const at = Date.parse(event.at);
  if (event.type === "started") {
    return state ?? begin(event.run, event.plan, event.by, at);
  }
  if (state === undefined || event.run !== state.run) {
    return state;
  }
  if (state.stage === Stage.Ended) {
    return event.type === "rollingBack" ? reopened(state, event, at) : state;
  }
  const next = { ...state, ...change(state, event, at) };
  return next.stage === state.stage && next.step === state.step ? next : { ...next, trouble: undefined };
}

function begin(run: string, plan: Plan, by: string, at: number): RunState {
  return {
    run,
    plan,
    by,
    startedAt: at,
    stage: Stage.Entering,
    step: 0,
    stepSince: at,
    inForceStep: -1,
    inForceSince: at,
    weights: plan.before.weights,
    weightsBefore: plan.before.weights,
    timeBefore: { from: at, to: at },
    prepared: false,
    touched: false,
    opinions: {},
    evidence: {},
    sampledAt: {},
    judgedSince: {},
    countedAt: at,
    counted: { requests: 0, failures: 0 },
    others: othersAtStart(plan, at),
    failedGates: [],
    pausedMs: 0,
    decisions: [],
  };
}

/**
 * A run that has ended goes on for one reason only: to go back, because that failed or because it was promoted too
 * early.
 */
function reopened(state: RunState, { reason, why }: RolloutEvent & { type: "rollingBack" }, at: number): RunState {
  return {
    ...state,
    stage: Stage.RollingBack,
    rollback: { reason, why, since: at },
    outcome: undefined,
    failure: undefined,
    trouble: undefined,
  };
}

function change(state: RunState, event: RolloutEvent, at: number): Partial<RunState> {
  const goingBack = state.stage === Stage.RollingBack;
  switch (event.type) {
    case "prepared":
      return { prepared: true, stepSince: at, pausedMs: 0 };
    case "shifting":
      return goingBack ? {} : shifting(state, event, at);
    case "patched":
      return goingBack ? {} : { patchedAt: at };
    case "shifted":
      return goingBack ? {} : shifted(state, event.step, at);
    case "converged":
      return goingBack ? {} : { stage: Stage.Holding, heldSince: at };
    case "sampled":
      return sampled(state, event, at);
    case "held":
      return goingBack ? {} : { stage: Stage.Entering, ...atStep(event.step + 1, at, state) };
    case "paused":
      return paused(state, event, at);
    case "resumed":
      return resumed(state, at);
    case "decided":
      // Whoever waited for it is asked again at once.
      return {
        decisions: [...state.decisions, { gate: event.gate, step: event.step, approved: event.approved, by: event.by }],
        ...(state.stage === Stage.Entering ? { sampledAt: { [Phase.Hold]: state.sampledAt[Phase.Hold] } } : {}),
      };
    case "commanded":
      // The way back cannot be taken back.
      return state.command?.name === "abort"
        ? {}
        : {
            command: { name: event.command, by: event.by },
            ...(event.command === "promote" ? resumed(state, at) : {}),
          };
    case "takenOver":
      // The time without a process is not the step's fault.
      return {
        by: event.by,
        stepSince: at,
        pausedMs: 0,
        ...(state.rollback === undefined ? {} : { rollback: { ...state.rollback, since: at } }),
      };
    case "rollingBack":
      return goingBack
        ? {}
        : { stage: Stage.RollingBack, rollback: { reason: event.reason, why: event.why, since: at } };
    case "rolledBack":
      return { stage: Stage.Ended, outcome: Outcome.RolledBack };
    case "promoted":
      return { stage: Stage.Ended, outcome: Outcome.Promoted };
    case "failed":
      return { stage: Stage.Ended, outcome: Outcome.Failed, failure: event.why };
    case "logged":
      return event.level === "warning" ? { trouble: event.text } : {};
    default:
      return {};
  }
}

function shifting(
  state: RunState,
  { step, weights, others }: RolloutEvent & { type: "shifting" },
  at: number,
): Partial<RunState> {
  return {
    stage: Stage.Shifting,
    touched: true,
    weights,
    others: othersShifted(state.others, others),
    patchedAt: undefined,
    ...(sameWeights(weights, state.weights)
      ? {}
      : { weightsBefore: state.weights, timeBefore: { from: state.inForceSince, to: at } }),
    // What was said of the step before is not said of this one.
    ...(state.stage === Stage.Entering ? { opinions: { ...state.opinions, [Phase.Hold]: {} }, sampledAt: {} } : {}),
    ...(step === state.step ? {} : atStep(step, at, state)),
  };
}

function atStep(step: number, at: number, { pausedAt }: RunState): Partial<RunState> {
  return {
    step,
    stepSince: at,
    heldSince: undefined,
    opinions: {},
    sampledAt: {},
    pausedMs: 0,
    ...(pausedAt === undefined ? {} : { pausedAt }),
  };
}

/** What gates said of the shares before says nothing of those that are in force now. */
function shifted({ opinions, patchedAt }: RunState, step: number, at: number): Partial<RunState> {
  return {
    stage: Stage.Converging,
    inForceStep: step,
    inForceSince: patchedAt ?? at,
    patchedAt: undefined,
    opinions: { ...opinions, [Phase.Hold]: {} },
  };
}

function sampled(
  state: RunState,
  { phase, results, traffic, others }: RolloutEvent & { type: "sampled" },
  at: number,
): Partial<RunState> {
  const counted = plus(state.counted, total(answeredToUsers(traffic ?? {}, state.plan, state.inForceStep)));
  return {
    opinions: withSample(state.opinions, phase as Phase, results),
    evidence: { ...state.evidence, ...evidenceIn(results) },
    sampledAt: { ...state.sampledAt, [phase]: at },
    others: othersCounted(state.others, others, at),
    ...(traffic === undefined ? {} : { counted, countedAt: at }),
  };
}
