import { randomBytes } from "node:crypto";
import type { NamedCluster } from "../../internal/kubernetes/namedCluster";
import { redactPlan } from "../plan/redact";
import { changedKey } from "../pulumi/pulumiStack";
import { systemClock } from "./clock";
import { currentUser } from "./currentUser";
import type { Happening } from "./event";
import { planOf, planToGoBack, planToResume } from "./inputs";
import { eventsOfLastRun } from "./journal";
import { launch, type Rollout } from "./launch";
import { noActiveRun } from "./noActiveRun";
import type { RolloutOptions, RunOptions } from "./options";
import { stateNow, verifyBasis } from "./planBasis";
import { type PlannedContents, PlannedRollout } from "./plannedRollout";
import { contextOf, type StackContext } from "./stackContext";
import { StackLockedError } from "./stackLock";
import { fold, Outcome, type RunState, Stage } from "./state";

/**
 * Plans what a run would do now, for it to be shown, and then started as it is by {@link startRollout}. Nothing is
 * changed.
 *
 * @throws ValidationError that names every setting or key that is wrong
 * @throws NothingToRollOutError if the target has all traffic already, and so have those of all other apps of the run
 */
export async function planRollout(options: RolloutOptions): Promise<PlannedRollout> {
  const context = await contextOf(options);
  const plan = await planOf(context, options);
  const [config, state] = await Promise.all([context.config(), stateNow(context, plan.others)]);
  return new PlannedRollout({ context, options, plan, basis: { config, state } });
}

/** What a planned rollout is given when it is started. */
export type StartOptions = Pick<RunOptions, "by" | "listener" | "clock">;

/**
 * Starts a run: from here on it goes by itself, until it is promoted or rolled back.
 *
 * @param given A rollout that was planned, which is executed exactly as it was; or what one is planned from, at once.
 * @param startOptions Over those that it was planned with.
 * @throws ValidationError that names every setting or key that is wrong
 * @throws NothingToRollOutError if the target has all traffic already, and so have those of all other apps of the run
 * @throws PlanOutdatedError if the stack's config, or the weights in its state, changed since the rollout was planned
 * @throws StackLockedError if another run has the stack, or one was not ended: it has to be resumed or rolled back first
 */
export async function startRollout(
  given: RolloutOptions | PlannedRollout,
  startOptions: StartOptions = {},
): Promise<Rollout> {
  const { context, plan, basis, ...planned } =
    given instanceof PlannedRollout ? PlannedRollout.contentsOf(given) : await plannedAtOnce(given);
  const options = { ...planned.options, ...startOptions };
  refuseIfTaken(context);
  const run = nameOf((options.clock ?? systemClock).now());
  const notes: Happening[] =
    basis.state !== undefined && "unreadable" in basis.state
      ? [
          {
            type: "logged",
            level: "info",
            text: `cannot tell whether the stack's weights have changed since the plan was made: ${basis.state.unreadable}`,
          },
        ]
      : [];
  return launch(context, options, {
    run,
    plan,
    prepares: true,
    verify: async () => {
      refuseIfOpen(context);
      const prefixes = plan.others?.map(({ prefix }) => prefix);
      await verifyBasis(context, basis, context.pulumisReading(options.appSelection?.prefix, prefixes));
    },
    first: (by, cluster) => [{ type: "started", plan: redactPlan(plan), by, ...(cluster && { cluster }) }, ...notes],
  });
}

/** That the stack is taken is told before what is wrong with its settings. */
async function plannedAtOnce(options: RolloutOptions): Promise<PlannedContents> {
  const context = await contextOf(options);
  refuseIfTaken(context);
  return { context, options, plan: await planOf(context, options), basis: { config: await context.config() } };
}

/**
 * Goes on with a run whose process has ended without bringing it to its end.
 *
 * @throws NoActiveRunError if there is none
 * @throws StackLockedError if its process is still at work
 */
export async function resumeRollout(options: RolloutOptions): Promise<Rollout> {
  const context = await contextOf(options);
  const state = lastState(context);
  if (state === undefined || state.stage === Stage.Ended) {
    throw noActiveRun(context.stack, state, "no run to resume");
  }
  const plan = await planToResume(context, options, state.plan);
  return launch(context, options, { run: state.run, plan, first: (by, cluster) => [takenOver(by, cluster)] });
}

/**
 * Brings the last run's stack back to what it was before it: a run whose process has ended, one whose way back failed,
 * or one that was promoted. A run with a process at work is aborted by `sendCommand`.
 *
 * @throws NoActiveRunError if there is no run, or it was rolled back already
 * @throws StackLockedError if its process is still at work
 */
export async function rollback(options: RolloutOptions): Promise<Rollout> {
  const context = await contextOf(options);
  const state = lastState(context);
  if (state === undefined || state.outcome === Outcome.RolledBack) {
    throw noActiveRun(context.stack, state, "nothing to roll back");
  }
  if (state.outcome === Outcome.Promoted) {
    const changed = changedKey((await context.config()).values, state.plan.promotion.config);
    if (changed !== undefined) {
      throw noActiveRun(
        context.stack,
        state,
        `${changed} was changed after the promotion, so there is nothing to roll back`,
      );
    }
  }
  const { reason, why } = state.rollback ?? {
    reason: "person" as const,
    why: `requested by ${options.by ?? currentUser()}`,
  };
  const first = (by: string, cluster?: NamedCluster): Happening[] => [
    takenOver(by, cluster),
    ...(state.stage === Stage.RollingBack ? [] : [{ type: "rollingBack" as const, reason, why }]),
  ];
  const plan = await planToGoBack(context, options, state.plan);
  return launch(context, options, { run: state.run, plan, first });
}

function takenOver(by: string, cluster: NamedCluster | undefined): Happening {
  return { type: "takenOver", by, ...(cluster && { cluster }) };
}

/** Refuses to begin a run while a process is at work on the stack, or another run of it is not ended. */
function refuseIfTaken(context: StackContext): void {
  const last = lastState(context);
  context.lock.refuseIfLocked(last === undefined || last.stage === Stage.Ended);
  refuseIfOpen(context);
}

function refuseIfOpen(context: StackContext): void {
  const last = lastState(context);
  if (last !== undefined && last.stage !== Stage.Ended) {
    throw new StackLockedError(
      context.stack,
      { run: last.run, by: last.by, since: new Date(last.startedAt).toISOString() },
      "it has not ended: continue it with `canary rollout --continue`, or roll it back with `canary rollback`",
    );
  }
}

function lastState(context: StackContext): RunState | undefined {
  return fold(eventsOfLastRun(context.openJournal().readAll()));
}

/** Sortable by time, and told apart from one that another machine starts in the same second. */
function nameOf(now: number): string {
  return `${new Date(now).toISOString().replace(/[-:]|\.\d+/g, "")}-${randomBytes(2).toString("hex")}`;
}
