import type { Gate } from "../gates/gate";
import { type RolloutStack, UpError, UpErrorKind } from "../pulumi/rolloutStack";
import type { Clock } from "./clock";
import { type Happening, RollbackReason, type RolloutEvent, type UsersSaw } from "./event";
import type { Journal } from "./journal";
import { changesOf, followApps } from "./followApps";
import { type Action, nextAction, type Round } from "./next";
import { Sampler } from "./sampler";
import { isLeaving, wantsPromotion } from "./intent";
import { countedOfAll } from "./otherApps";
import { withoutForgotten } from "./pausing";
import { eventsToReapply } from "./reapply";
import type { RunSources } from "./sources";
import { advance, type RunState, Stage } from "./state";
import { inForce, stepOf } from "./steps";
import { pendingAfter, type PendingPatches } from "./pendingPatch";
import { TrafficCounter } from "./trafficCounter";
import { type Shift, type ShiftedApp, TrafficShift } from "./trafficShift";
import { omitUndefined } from "../../internal/objects";
import { errorMessage } from "../../internal/http/errorMessage";
import { LOOK_EVERY_MS, withDeadline } from "./withDeadline";

/** What a run needs from outside. */
export interface Surroundings {
  clock: Clock;
  /** Read up to the state that the runner begins with. */
  journal: Journal;
  stack: RolloutStack;
  /** The apps whose routes are changed ahead of the `up`. @default none: the `up` alone moves the traffic */
  patched?: readonly ShiftedApp[];
  /** What routes may have though no `up` has recorded it. @default nothing */
  pending?: PendingPatches;
  gates: readonly Gate[];
  sources: RunSources;
  /** Told of every event, in order, once it is in the journal. */
  listener(event: RolloutEvent): void;
}

/** Before the next try of an `up` that failed, in ms. */
const RETRY_PAUSES = { first: 1000, growth: 2, most: 10_000 };
/** How long metrics are waited for that only tell, in ms. */
const METRICS_MS = 5000;

/**
 * Takes a run to its end. What it does next comes from the state alone, and the state from the journal alone: each
 * event is on the disk before anything is done that it announces, and what other processes write there counts like its
 * own.
 */
export class Runner {
  private tries = 0;
  private readonly counter: TrafficCounter;
  private readonly sampler: Sampler;
  private readonly traffic: TrafficShift;
  private pending: PendingPatches;

  constructor(
    private state: RunState,
    private readonly around: Surroundings,
  ) {
    this.pending = around.pending ?? [];
    this.traffic = new TrafficShift(around, (happening) => this.write(happening));
    this.counter = new TrafficCounter(around.sources, (text) => this.note(text));
    this.sampler = new Sampler(around, this.counter);
  }

  /** How far the run is. */
  get current(): RunState {
    return this.state;
  }

  /** Goes on until the run has ended. */
  async finish(): Promise<RunState> {
    try {
      for (;;) {
        this.readNews();
        const action = nextAction(this.state, this.around.gates, this.now());
        if (action.do === "end") {
          return this.state;
        }
        await this.perform(action);
      }
    } finally {
      this.sampler.stop();
    }
  }

  /**
   * Before another process's run is gone on with: what it says is in force is asked of the stack, and brought up once
   * more if it is not so.
   */
  async checkTruth(): Promise<void> {
    (await eventsToReapply(this.state, this.around.stack)).forEach((happening) => this.write(happening));
  }

  /** Writes down something that changes nothing. */
  note(text: string): void {
    this.write({ type: "logged", level: "info", text });
  }

  /** Sends the run back: at once, whatever it is doing. Without effect once it goes back or has ended. */
  abort(why: "person" | "terminated", by: string): void {
    this.readNews();
    if (this.state.stage === Stage.RollingBack || this.state.stage === Stage.Ended) {
      return;
    }
    this.write(
      why === "person"
        ? { type: "commanded", command: "abort", by }
        : { type: "rollingBack", reason: RollbackReason.Terminated, why: `the process was terminated by ${by}` },
    );
  }

  private perform(action: Exclude<Action, { do: "end" }>): Promise<void> {
    switch (action.do) {
      case "tell":
        return this.tell(action.happening);
      case "ask":
        return this.ask(action.rounds, action.until);
      case "prepare":
        return this.prepare(action.until);
      case "shift":
        return this.shift(action.step, action.until);
      case "follow":
        return this.follow(action);
      case "restore":
        return this.restore(action.until);
      case "wait":
        return this.wait(action.until);
    }
  }

  private async tell(happening: Happening): Promise<void> {
    this.write(
      happening.type === "promoted" || happening.type === "rolledBack" || happening.type === "failed"
        ? { ...happening, ...(await this.usersSaw()) }
        : happening,
    );
  }

  private async ask(rounds: readonly Round[], until: number): Promise<void> {
    const { judgedSince } = this.state;
    const sampled = await this.unless(this.wantsElsewhere, until, (signal) =>
      this.sampler.sample(this.state, rounds, until, signal),
    );
    this.readNews();
    if (!this.wantsElsewhere()) {
      sampled.forEach((happening) => this.write(withoutForgotten(happening, judgedSince, this.state.judgedSince)));
    }
  }

  private prepare(until: number): Promise<void> {
    return this.bringUp(
      until,
      (signal) => this.around.stack.up(signal, { refresh: this.pending.length > 0 }),
      (seconds) => ({ type: "prepared", seconds }),
    );
  }

  private shift(step: number, until: number): Promise<void> {
    const { plan, inForceStep } = this.state;
    const work = (signal: AbortSignal) =>
      this.traffic.make({ to: stepOf(plan, step), from: [inForce(plan, inForceStep)], ...this.known() }, signal);
    return this.bringUp(until, work, (seconds) => ({ type: "shifted", step, seconds }));
  }

  private async bringUp(
    until: number,
    work: (signal: AbortSignal) => Promise<void>,
    done: (seconds: number) => Happening,
  ): Promise<void> {
    const began = this.now();
    try {
      await this.unless(this.isLeaving, until, work);
    } catch (error) {
      return this.upFailed(error, until);
    }
    this.tries = 0;
    this.write(done((this.now() - began) / 1000));
  }

  private async upFailed(error: unknown, until: number): Promise<void> {
    const kind = kindOf(error);
    this.readNews();
    if (this.isLeaving()) {
      return;
    }
    if (kind === UpErrorKind.Broken) {
      return this.write({
        type: "rollingBack",
        reason: RollbackReason.Failure,
        why: `the up failed: ${errorMessage(error)}`,
      });
    }
    this.write({
      type: "logged",
      level: "warning",
      text: `the up ${kind === UpErrorKind.Cancelled ? "was cancelled" : "is retried"}: ${errorMessage(error)}`,
    });
    await this.beforeNextTry(until);
  }

  private async follow({ step, until, givesUp }: Action & { do: "follow" }): Promise<void> {
    const { inForceSince } = this.state;
    const seconds = () => (this.now() - inForceSince) / 1000;
    const changes = changesOf(this.state, until);
    if (changes.length === 0) {
      return this.write({
        type: "converged",
        step,
        seconds: seconds(),
        unverified: "the weights did not change",
      });
    }
    const seen = await this.unless(this.wantsElsewhere, until, (signal) =>
      followApps(this.around, this.state, changes, signal),
    );
    this.readNews();
    if (!this.wantsElsewhere() && (seen.unverified === undefined || givesUp)) {
      this.write({ type: "converged", step, seconds: seconds(), ...omitUndefined(seen) });
    }
  }

  private async restore(until: number): Promise<void> {
    const { plan, rollback, step } = this.state;
    const { reason, since } = rollback as NonNullable<RunState["rollback"]>;
    const from = Array.from({ length: step + 2 }, (_, index) => inForce(plan, index - 1));
    try {
      await this.unless(
        () => false,
        until,
        (signal) => this.traffic.make({ to: plan.before, from, ...this.known() }, signal),
      );
    } catch (error) {
      this.write({ type: "logged", level: "warning", text: `the rollback is retried: ${errorMessage(error)}` });
      return this.beforeNextTry(until);
    }
    return this.tell({ type: "rolledBack", reason, seconds: (this.now() - since) / 1000 });
  }

  /** Until then, or until something happened. */
  private async wait(until: number): Promise<void> {
    const before = this.state;
    while (this.state === before && this.now() < until) {
      await this.around.clock.sleep(Math.min(LOOK_EVERY_MS, until - this.now()));
      this.readNews();
    }
  }

  private async beforeNextTry(until: number): Promise<void> {
    const pause = Math.min(RETRY_PAUSES.first * RETRY_PAUSES.growth ** this.tries++, RETRY_PAUSES.most);
    await this.wait(Math.min(this.now() + pause, until));
  }

  private async usersSaw(): Promise<{ users?: UsersSaw }> {
    const now = this.now();
    try {
      return {
        users: await this.unless(
          () => false,
          now + METRICS_MS,
          (signal) => this.counter.usersSaw(this.state, now, signal),
        ),
      };
    } catch {
      const counted = countedOfAll(this.state);
      return counted.requests === 0 ? {} : { users: counted };
    }
  }

  private unless<T>(isOver: () => boolean, until: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const look = () => {
      this.readNews();
      return isOver();
    };
    return withDeadline(this.around.clock, until, look, work);
  }

  private readonly isLeaving = (): boolean => isLeaving(this.state);

  /** Whether the run is to leave its step for anywhere. */
  private readonly wantsElsewhere = (): boolean => isLeaving(this.state) || wantsPromotion(this.state);

  private known(): Pick<Shift, "source" | "pending"> {
    return { source: this.state.plan.before.source, pending: this.pending };
  }

  private write(happening: Happening): void {
    this.around.journal.append(this.state.run, happening, this.now());
    this.readNews();
  }

  private readNews(): void {
    for (const event of this.around.journal.readNew()) {
      this.state = advance(this.state, event) as RunState;
      this.pending = pendingAfter(this.pending, event);
      if (event.run === this.state.run) {
        this.around.listener(event);
      }
    }
  }

  private now(): number {
    return this.around.clock.now();
  }
}

function kindOf(error: unknown): UpErrorKind {
  return error instanceof UpError ? error.kind : UpErrorKind.Broken;
}
