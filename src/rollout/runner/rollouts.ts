import { randomBytes } from "node:crypto";
import { Moment } from "../gates/gate";
import type { Plan } from "../plan/plan";
import { withheldPlan } from "../plan/withheld";
import type { MetricsSource } from "../metrics/source";
import { AheadStack } from "../pulumi/aheadStack";
import { changedKey, PulumiStack } from "../pulumi/pulumiStack";
import { StackHeldError } from "./claim";
import { systemClock } from "./clock";
import type { Happening, RollbackReason, RolloutEvent, UsersSaw } from "./event";
import { planOf, planToGoBack, planToResume } from "./inputs";
import { eventsOfLastRun } from "./journal";
import { judgesOf } from "./judges";
import { nothingToDo } from "./nothingToDo";
import type { RolloutOptions } from "./options";
import { engineOf, type Place, placeOf, thisPerson } from "./place";
import { Runner } from "./runner";
import { fold, Outcome, type RunState, Stage } from "./state";
import { textOf } from "./text";
import { leave, seize } from "./tenure";

/** How a run ended. */
export interface RolloutResult {
  run: string;
  outcome: Outcome;
  /** Why it went back; missing after a promotion. */
  reason?: RollbackReason;
  /** The same for people, with figures. */
  why?: string;
  /** Everything that happened, in order. */
  events: readonly RolloutEvent[];
  /** What all users of the app saw during the run; missing if there were no figures. */
  usersFailed?: UsersSaw;
}

/** A run in this process. */
export interface Rollout {
  readonly run: string;
  readonly plan: Plan;
  /** How far it is. */
  readonly state: RunState;
  /**
   * Sends it back at once, whatever it is doing: an `up` is cancelled in order. Without effect when it goes back
   * already.
   */
  abort(why: "person" | "terminated", by?: string): void;
  /**
   * How it ends. It rejects only if the journal cannot be written, or the way the run is led is broken; the run can be
   * resumed then.
   */
  readonly result: Promise<RolloutResult>;
}

/** How long the first reading of the figures' source may take, in ms. */
const SOURCE_START_MS = 15_000;

/**
 * What a run would do now; without texts of gates and the source that may be secrets. Nothing is changed.
 *
 * @throws ValidationError that names every setting or key that is wrong
 */
export async function planRollout(options: RolloutOptions): Promise<Plan> {
  return withheldPlan(await planOf(await placeOf(options), options));
}

/**
 * Starts a run: from here on it goes by itself, until it is promoted or rolled back.
 *
 * @throws ValidationError that names every setting or key that is wrong
 * @throws StackHeldError if another run has the stack, or one was not ended: it has to be resumed or rolled back first
 */
export async function startRollout(options: RolloutOptions): Promise<Rollout> {
  const place = await placeOf(options);
  const last = fold(eventsOfLastRun(place.journal.readAll()));
  const isOpen = last !== undefined && last.stage !== Stage.Ended;
  place.claim.refuseIfHeld(!isOpen);
  if (isOpen) {
    throw new StackHeldError(
      place.stack,
      { run: last.run, by: last.by, since: new Date(last.startedAt).toISOString() },
      "it was not ended: resume it, or roll it back",
    );
  }
  const plan = await planOf(place, options);
  const run = nameOf((options.clock ?? systemClock).now());
  return lead(place, options, {
    run,
    plan,
    takeOver: true,
    prepares: true,
    first: (by) => [{ type: "started", plan: withheldPlan(plan), by }],
  });
}

/**
 * Goes on with a run whose process has ended without bringing it to its end.
 *
 * @throws NothingToDoError if there is none
 * @throws StackHeldError if its process is still at work
 */
export async function resumeRollout(options: RolloutOptions): Promise<Rollout> {
  const place = await placeOf(options);
  const state = fold(eventsOfLastRun(place.journal.readAll()));
  if (state === undefined || state.stage === Stage.Ended) {
    throw nothingToDo(place.stack, state, "no run to resume");
  }
  const plan = await planToResume(place, options, state.plan);
  return lead(place, options, { run: state.run, plan, takeOver: true, first: (by) => [{ type: "takenOver", by }] });
}

/**
 * Brings the last run's stack back to what it was before it: a run whose process has ended, one whose way back failed,
 * or one that was promoted. A run with a process at work is aborted by `decide`.
 *
 * @throws NothingToDoError if there is no run, or it was rolled back already
 * @throws StackHeldError if its process is still at work
 */
export async function rollback(options: RolloutOptions): Promise<Rollout> {
  const place = await placeOf(options);
  const state = fold(eventsOfLastRun(place.journal.readAll()));
  if (state === undefined || state.outcome === Outcome.RolledBack) {
    throw nothingToDo(place.stack, state, "nothing to roll back");
  }
  if (state.outcome === Outcome.Promoted) {
    const changed = await changedKey(place.project, place.stack, state.plan.promotion.config);
    if (changed !== undefined) {
      throw nothingToDo(
        place.stack,
        state,
        `${changed} was changed since its promotion, so there is nothing to roll back`,
      );
    }
  }
  const { reason, why } = state.rollback ?? {
    reason: "person" as const,
    why: `${options.by ?? thisPerson()} asked for it`,
  };
  const first = (by: string): Happening[] => [
    { type: "takenOver", by },
    ...(state.stage === Stage.RollingBack ? [] : [{ type: "rollingBack" as const, reason, why }]),
  ];
  const plan = await planToGoBack(place, options, state.plan);
  return lead(place, options, { run: state.run, plan, takeOver: true, first });
}

interface Start {
  run: string;
  /** What the gates and the source are made from; in the journal are no texts that may be secrets. */
  plan: Plan;
  takeOver: boolean;
  /** Whether it begins with bringing the stack up as it is. */
  prepares?: boolean;
  /** What is written down first. */
  first(by: string): Happening[];
}

async function lead(
  place: Place,
  options: RolloutOptions,
  { run, plan, takeOver, prepares = false, first }: Start,
): Promise<Rollout> {
  const { journal } = place;
  const { by = thisPerson(), clock = systemClock } = options;
  const known = journal.readAll();
  const ended = known.filter(({ type }) => ENDS.includes(type)).map((event) => event.run);
  let runner: Runner | undefined;
  const decision = (gate: string, step: number) =>
    runner?.current.decisions.filter((each) => each.gate === gate && each.step === step).at(-1);
  const { source, gates } = await judgesOf(place, options, plan, decision);
  const early: string[] = [];
  const engine = engineOf(place, options.pulumiRoot, (text) =>
    runner === undefined ? early.push(text) : runner.note(text),
  );
  engine.warmUp(); // that takes about as long as it takes to have the stack
  const stack = new AheadStack(new PulumiStack(place.project, place.stack, engine, place.cli));
  // Bringing up what the config says already moves nothing; a gate that is asked before anything is changed is waited
  // for.
  const meanwhile =
    prepares && !gates.some(({ moments }) => moments.includes(Moment.Start)) ? () => stack.begin() : undefined;
  const untold = await seize(place, { run, by, clock, takeOver, ended, meanwhile }).catch(async (error: unknown) => {
    await stack.giveUp();
    engine.close();
    throw error;
  });
  const listener = (event: RolloutEvent) => {
    try {
      options.listener?.(event);
    } catch {
      // Whoever listens must not be what a run fails by.
    }
  };
  const giveBack = async () => {
    source.stop();
    await stack.giveUp();
    engine.close();
    await leave(place);
  };
  try {
    const notes = [untold, ...early].flatMap((text): Happening[] =>
      text === undefined ? [] : [{ type: "noted", level: "info", text }],
    );
    [...first(by), ...notes].forEach((happening) => journal.append(run, happening, clock.now()));
    const fresh = journal.readNew();
    fresh.filter((event) => event.run === run).forEach(listener);
    const state = fold([...known, ...fresh].filter((event) => event.run === run)) as RunState;
    runner = new Runner(state, { clock, journal, stack, gates, source, listener });
  } catch (error) {
    await giveBack();
    throw error;
  }
  const result = finished(runner, source, place).finally(giveBack);
  result.catch(() => undefined);
  return handleOf(runner, by, result);
}

async function finished(runner: Runner, source: MetricsSource, place: Place): Promise<RolloutResult> {
  await source
    .start(AbortSignal.timeout(SOURCE_START_MS))
    .catch((error: unknown) => runner.note(`figures cannot be had yet: ${textOf(error)}`));
  await runner.checkTruth();
  return resultOf(await runner.finish(), place);
}

function handleOf(runner: Runner, by: string, result: Promise<RolloutResult>): Rollout {
  return {
    run: runner.current.run,
    plan: runner.current.plan,
    get state() {
      return runner.current;
    },
    abort: (why, who = by) => runner.abort(why, who),
    result,
  };
}

const ENDS: readonly RolloutEvent["type"][] = ["promoted", "rolledBack", "failed"];

function resultOf({ run, outcome, rollback: back, failure }: RunState, { journal }: Place): RolloutResult {
  const events = journal.readAll().filter((event) => event.run === run);
  const end = events.at(-1);
  return {
    run,
    outcome: outcome as Outcome,
    ...(outcome === Outcome.Promoted ? {} : { reason: back?.reason, why: failure ?? back?.why }),
    events,
    ...(end !== undefined && "users" in end && end.users !== undefined ? { usersFailed: end.users } : {}),
  };
}

/** Sortable by time, and told apart from one that another machine starts in the same second. */
function nameOf(now: number): string {
  return `${new Date(now).toISOString().replace(/[-:]|\.\d+/g, "")}-${randomBytes(2).toString("hex")}`;
}
