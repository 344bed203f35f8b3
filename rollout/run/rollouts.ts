import { randomBytes } from "node:crypto";
import type { Plan } from "../plan/plan";
import { PulumiStack } from "../stack/pulumiStack";
import { StackHeldError } from "./claim";
import { systemClock } from "./clock";
import type { Happening, RollbackReason, RolloutEvent, UsersSaw } from "./event";
import { engineOf, judgesOf, planOf } from "./inputs";
import { eventsOfLastRun } from "./journal";
import { nothingToDo } from "./nothingToDo";
import type { RolloutOptions } from "./options";
import { type Place, placeOf, thisPerson } from "./place";
import { Runner } from "./runner";
import { fold, Outcome, type RunState, Stage } from "./state";
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
  /** Sends it back at once, whatever it is doing: an `up` is cancelled in order. Without effect when it goes back already. */
  abort(why: "person" | "terminated", by?: string): void;
  /** How it ends. It rejects only if the journal cannot be written, or the way the run is led is broken; the run can be resumed then. */
  readonly result: Promise<RolloutResult>;
}

/** How long the first reading of the figures' source may take, in ms. */
const SOURCE_START_MS = 15_000;

/**
 * What a run would do now. Nothing is changed.
 *
 * @throws ValidationError that names every setting or key that is wrong
 */
export async function planRollout(options: RolloutOptions): Promise<Plan> {
  return planOf(await placeOf(options), options);
}

/**
 * Starts a run: from here on it goes by itself, until it is promoted or rolled back.
 *
 * @throws ValidationError that names every setting or key that is wrong
 * @throws StackHeldError if another run has the stack, or one was not ended: it has to be resumed or rolled back first
 */
export async function startRollout(options: RolloutOptions): Promise<Rollout> {
  const place = await placeOf(options);
  const all = place.journal.readAll();
  const last = fold(eventsOfLastRun(all));
  if (last !== undefined && last.stage !== Stage.Ended && place.claim.holder() === undefined) {
    throw new StackHeldError(place.stack, { run: last.run, by: last.by, since: new Date(last.startedAt).toISOString() }, "it was not ended: resume it, or roll it back");
  }
  const { now } = options.clock ?? systemClock;
  const plan = await planOf(place, options);
  const run = nameOf(now());
  return lead(place, options, { run, plan, takeOver: last === undefined || last.stage === Stage.Ended, first: (by) => [{ type: "started", plan, by }] });
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
  return lead(place, options, { run: state.run, plan: state.plan, takeOver: true, first: (by) => [{ type: "takenOver", by }] });
}

/**
 * Brings the last run's stack back to what it was before it: a run whose process has ended, one whose way back failed, or one
 * that was promoted. A run with a process at work is aborted by `decide`.
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
  const { reason, why } = state.rollback ?? { reason: "person" as const, why: `${options.by ?? thisPerson()} asked for it` };
  const first = (by: string): Happening[] => [{ type: "takenOver", by }, ...(state.stage === Stage.RollingBack ? [] : [{ type: "rollingBack" as const, reason, why }])];
  return lead(place, options, { run: state.run, plan: state.plan, takeOver: true, first });
}

interface Start {
  run: string;
  plan: Plan;
  takeOver: boolean;
  /** What is written down first. */
  first(by: string): Happening[];
}

async function lead(place: Place, options: RolloutOptions, { run, plan, takeOver, first }: Start): Promise<Rollout> {
  const { journal, stack: name } = place;
  const { by = thisPerson(), clock = systemClock } = options;
  const ended = journal.readAll().filter(({ type }) => ENDS.includes(type)).map((event) => event.run);
  let runner: Runner | undefined;
  const decision = (gate: string, step: number) => runner?.current.decisions.filter((each) => each.gate === gate && each.step === step).at(-1);
  const { source, gates } = await judgesOf(place, options, plan, decision);
  const untold = await seize(place, { run, by, now: clock.now(), takeOver, ended });
  const engine = engineOf(place, options.pulumiRoot);
  engine.warmUp();
  const tell = (event: RolloutEvent) => {
    try {
      options.listener?.(event);
    } catch {
      // Whoever listens must not be what a run fails by.
    }
  };
  const start = () => {
    const known = eventsOfLastRun(journal.readAll()).length;
    const happenings: Happening[] = [...first(by), ...(untold === undefined ? [] : [{ type: "noted" as const, level: "info" as const, text: untold }])];
    happenings.forEach((happening) => journal.append(run, happening, clock.now()));
    const events = journal.readAll().filter((event) => event.run === run);
    events.slice(happenings[0].type === "started" ? 0 : known).forEach(tell);
    return fold(events) as RunState;
  };
  const led = (runner = new Runner(start(), { clock, journal, stack: new PulumiStack(place.project, name, engine, place.cli), gates, source, listener: tell }));
  const result = (async () => {
    try {
      await source.start(AbortSignal.timeout(SOURCE_START_MS)).catch((error: Error) => led.note(`figures cannot be had yet: ${error.message}`));
      await led.checkTruth();
      return resultOf(await led.finish(), place);
    } finally {
      source.stop();
      engine.close();
      await leave(place);
    }
  })();
  result.catch(() => undefined);
  return {
    run,
    plan,
    get state() {
      return led.current;
    },
    abort: (why, who = by) => led.abort(why, who),
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
