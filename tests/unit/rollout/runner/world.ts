import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { ConfigValues } from "../../../../src/config/configValues";
import type { Evidence, Gate, GateInput, GateResult, Verdict } from "../../../../src/rollout/gates/gate";
import type { Plan } from "../../../../src/rollout/plan/plan";
import type { RolloutEvent } from "../../../../src/rollout/runner/event";
import { Journal, type JournalText, eventsOfLastRun } from "../../../../src/rollout/runner/journal";
import { Runner } from "../../../../src/rollout/runner/runner";
import { fold, type RunState } from "../../../../src/rollout/runner/state";
import type { MetricsSource, Span, VersionTraffic } from "../../../../src/rollout/metrics/source";
import type { KnownWeights, Routes, RoutesChange } from "../../../../src/rollout/routes/directRoutes";
import { pendingPatches } from "../../../../src/rollout/runner/pendingPatch";
import {
  type AppWeights,
  type RolloutStack,
  UpError,
  type UpErrorKind,
  type UpOptions,
} from "../../../../src/rollout/pulumi/rolloutStack";
import { sameWeights, type Weights } from "../../../../src/rollout/weights";
import { VirtualClock } from "./virtualClock";

export const RUN = "20300101T000000Z-test";

/** How the world is meant to go; everything else goes well. */
export interface Script {
  plan: Plan;
  /** How long a gate takes to answer, in seconds. @default 0 */
  seconds?(gate: string): number;
  /** What a gate says, from the weights in force and the time since. @default passed */
  verdict?(gate: string, question: GateInput): Verdict;
  /** What a gate gathers. @default nothing */
  evidence?(gate: string, question: GateInput): Evidence | undefined;
  /**
   * What becomes of the up that has this number, counted over the life of the world; 0 is the one before the first
   * shift.
   * @default it works
   */
  up?(count: number, config: ConfigValues): { seconds?: number; fails?: UpErrorKind };
  /** Requests per second. @default 100 */
  load?: number;
  /** Those to each app that takes the same steps, by its name. @default 100 */
  loadOfOthers?: Readonly<Record<string, number>>;
  /**
   * The part of the requests that testers send, which go to the plan's target while the config has `routes`. @default 0
   */
  testers?: number;
  /** The part of the requests that fails, by version; of another app that takes the same steps, as `cart.v2`. @default 0 */
  failing?: Readonly<Record<string, number>>;
  /** How many changes of weights ahead of an `up` work; later ones are refused. @default none is tried */
  patches?: number;
  /** What the source says in place of metrics. */
  sourceFails?: string;
  /** What that of an app that takes the same steps says, by the app's name. */
  sourceOfOtherFails?: Readonly<Record<string, string>>;
}

/** The shares that the cluster has from a time on. */
interface Share {
  at: number;
  weights: Weights;
  /** Those of the apps that take the same steps, by their names. */
  others: Readonly<Record<string, Weights>>;
  isMatched?: boolean;
}

/** The process was killed: nothing that it does reaches anything any more. */
export class Killed extends Error {}

/**
 * All that outlives a process: the journal, the config, the cluster. What a runner does to it is counted, so that it
 * can be killed before any of its deeds, or, where a deed takes time, in the middle of it.
 */
export class World implements RolloutStack, MetricsSource, Routes {
  readonly name = "test";
  readonly description = "a made-up source";
  readonly clock = new VirtualClock();
  /** The journal's text. */
  text = "";
  config: ConfigValues;
  /** The shares that the cluster has, since when, and whether testers go to the target. */
  readonly shares: Share[];
  deeds = 0;
  /** The deed that the process is killed at; Infinity for none. */
  killAt = Infinity;
  ups = 0;
  private patched = 0;
  /** The config of the last `up`: what the stack's state says. */
  recorded: ConfigValues;
  private alive = true;

  constructor(readonly script: Script) {
    this.config = script.plan.before.config;
    this.recorded = this.config;
    const { weights, others = {} } = script.plan.before;
    this.shares = [{ at: 0, weights, others }];
  }

  get weights(): Weights {
    return this.share.weights;
  }

  /** The shares that an app which takes the same steps has. */
  weightsOf(name: string): Weights {
    return this.share.others[name];
  }

  /** What the cluster has now. */
  private get share(): Share {
    return this.shares.at(-1) as Share;
  }

  get events(): RolloutEvent[] {
    return eventsOfLastRun(new Journal(this.journalText()).readAll());
  }

  /** A process that starts the run, or goes on with it. */
  async process(options: { killAt?: number; goBack?: boolean; during?(runner: Runner): void } = {}): Promise<RunState> {
    this.alive = true;
    this.deeds = 0;
    this.killAt = options.killAt ?? Infinity;
    const journal = new Journal(this.journalText());
    const all = journal.readAll();
    const known = fold(eventsOfLastRun(all));
    const by = "test";
    if (known?.outcome !== undefined && !options.goBack) {
      return known;
    }
    journal.append(
      RUN,
      known === undefined ? { type: "started", plan: this.script.plan, by } : { type: "takenOver", by },
      this.clock.now(),
    );
    if (options.goBack) {
      journal.append(RUN, { type: "rollingBack", reason: "person", why: "a test wants it" }, this.clock.now());
    }
    const state = fold(eventsOfLastRun(journal.readAll())) as RunState;
    const runner = new Runner(state, {
      clock: this.clock,
      journal,
      stack: this,
      patched: this.script.patches === undefined ? [] : [{ ...this.script.plan, name: undefined, routes: this }],
      pending: pendingPatches(all),
      gates: this.gates(),
      sources: { own: this, others: this.otherSources() },
      listener: () => undefined,
    });
    options.during?.(runner);
    if (known !== undefined) {
      await runner.checkTruth();
    }
    return runner.finish();
  }

  /** Goes on until the run has ended, however often it is killed at these deeds. */
  async processes(kills: readonly number[]): Promise<RunState> {
    for (const killAt of kills) {
      try {
        return await this.process({ killAt });
      } catch (error) {
        if (!(error instanceof Killed)) {
          throw error;
        }
      }
    }
    return this.process();
  }

  /** What another process writes. */
  writeBeside(happening: Parameters<Journal["append"]>[1]): void {
    this.text += `${JSON.stringify({ ...happening, run: RUN, at: new Date(this.clock.now()).toISOString() })}\n`;
  }

  async write(values: ConfigValues): Promise<void> {
    this.deed();
    this.config = { ...this.config, ...values };
    this.deed();
  }

  async difference(
    config: ConfigValues,
    weights: Weights,
    others: readonly AppWeights[] = [],
  ): Promise<string | undefined> {
    this.deed();
    const keys = Object.keys(config).filter((key) => key.endsWith("weights"));
    const isSo =
      keys.every((key) => sameWeights(config[key] as Weights, this.config[key] as Weights)) &&
      sameWeights(weights, this.weights) &&
      others.every((other) => sameWeights(other.weights, this.weightsOf(other.app)));
    return isSo ? undefined : "the stack is not so";
  }

  async prepare(weights: Weights, { recorded, pending }: KnownWeights): Promise<RoutesChange> {
    this.deed();
    assert.ok(recorded.some((each) => sameWeights(each, this.recorded.weights as Weights)));
    const expected = [this.recorded.weights as Weights, ...(pending === undefined ? [] : [pending])];
    assert.ok(
      expected.some((each) => sameWeights(each, this.weights)),
      "the routes have what nobody has announced",
    );
    return {
      apply: async () => {
        this.deed();
        await this.clock.sleep(50);
        if (this.patched++ >= (this.script.patches ?? 0)) {
          throw new Error("the API server answered 409");
        }
        this.shares.push({ ...this.share, at: this.clock.now(), weights });
        this.deed();
      },
    };
  }

  /** As the engine does it: nothing is changed where the program wants what the state has, whatever the cluster has. */
  async up(signal: AbortSignal, { refresh = false }: UpOptions = {}): Promise<void> {
    this.deed();
    const { seconds = 2, fails } = this.script.up?.(this.ups++, this.config) ?? {};
    const config = this.config;
    await this.clock.sleep(seconds * 500, signal);
    this.deed();
    if (signal.aborted) {
      throw new UpError("cancelled", "the up was ended early");
    }
    if (fails !== undefined) {
      throw new UpError(fails, `the up failed, scripted as ${fails}`);
    }
    const isChanged = refresh || !isDeepStrictEqual(config, this.recorded);
    const isMatched = typeof config.routes === "string";
    const after = isChanged ? { weights: config.weights as Weights, others: this.othersIn(config), isMatched } : {};
    this.shares.push({ ...this.share, ...after, at: this.clock.now() });
    this.recorded = config;
    await this.clock.sleep(seconds * 500, signal);
    this.deed();
  }

  async start(): Promise<void> {}

  async traffic(span: Span): Promise<Record<string, VersionTraffic>> {
    const { sourceFails, plan, testers = 0, load, failing } = this.script;
    if (sourceFails !== undefined) {
      throw new Error(sourceFails);
    }
    return this.counted(span, { load, failing, weightsIn: sharedWithTesters(testers, plan.target) });
  }

  stop(): void {}

  /** Sources of the apps that take the same steps, whose versions are called with their apps in the script. */
  private otherSources(): Record<string, MetricsSource> {
    const sourceOf = (name: string): MetricsSource => ({
      description: `a made-up source of ${name}`,
      start: async () => undefined,
      stop: () => undefined,
      traffic: async (span) => {
        const { sourceOfOtherFails = {}, loadOfOthers = {}, failing = {} } = this.script;
        if (sourceOfOtherFails[name] !== undefined) {
          throw new Error(sourceOfOtherFails[name]);
        }
        const own = Object.entries(failing).flatMap(([key, part]) =>
          key.startsWith(`${name}.`) ? [[key.slice(name.length + 1), part]] : [],
        );
        return this.counted(span, {
          load: loadOfOthers[name],
          failing: Object.fromEntries(own),
          weightsIn: ({ others }) => others[name],
        });
      },
    });
    return Object.fromEntries((this.script.plan.others ?? []).map(({ name }) => [name, sourceOf(name)]));
  }

  private othersIn(config: ConfigValues): Record<string, Weights> {
    const others = this.script.plan.others ?? [];
    return Object.fromEntries(others.map(({ name, prefix }) => [name, config[`${prefix}:weights`] as Weights]));
  }

  /** What versions have answered in a span, by the shares that were in force. */
  private counted(
    { from, to }: Span,
    { load = 100, failing = {}, weightsIn }: Pick<Script, "load" | "failing"> & { weightsIn(share: Share): Weights },
  ): Record<string, VersionTraffic> {
    const sums: Record<string, VersionTraffic> = {};
    this.shares.forEach((share, index) => {
      const seconds =
        Math.max(0, Math.min(to, this.shares[index + 1]?.at ?? Infinity) - Math.max(from, share.at)) / 1000;
      for (const [version, weight] of Object.entries(weightsIn(share))) {
        const requests = Math.round((seconds * load * weight) / 100);
        const failures = Math.round(requests * (failing[version] ?? 0));
        const before = sums[version] ?? { requests: 0, failures: 0, durations: [] };
        sums[version] = {
          requests: before.requests + requests,
          failures: before.failures + failures,
          durations: [{ upTo: 10, count: before.requests + requests }],
        };
      }
    });
    return sums;
  }

  private gates(): Gate[] {
    return this.script.plan.gates.map(({ name, phases }) => ({
      name,
      phases: phases as Gate["phases"],
      ask: async (question: GateInput, signal: AbortSignal): Promise<GateResult> => {
        this.deed();
        const seconds = this.script.seconds?.(name) ?? 0;
        if (seconds > 0) {
          await this.clock.sleep(seconds * 1000, signal);
        }
        const verdict = this.script.verdict?.(name, question) ?? "passed";
        const evidence = this.script.evidence?.(name, question);
        return { gate: name, verdict, reason: `scripted as ${verdict}`, metrics: {}, ...(evidence && { evidence }) };
      },
    }));
  }

  private journalText(): JournalText {
    return {
      append: (text) => {
        this.deed(() => (this.text += text.slice(0, text.length / 2)));
        this.text += this.text === "" || this.text.endsWith("\n") ? text : `\n${text}`;
        this.deed();
      },
      readFrom: (offset) => Buffer.from(this.text).subarray(offset),
    };
  }

  /** Something that a kill can come before; what was half done is left. */
  private deed(half: () => void = () => undefined): void {
    if (!this.alive) {
      throw new Killed();
    }
    if (++this.deeds >= this.killAt) {
      half();
      this.alive = false;
      throw new Killed();
    }
  }
}

/** The shares of all requests, those of testers included. */
function sharedWithTesters(testers: number, target: string): (share: Share) => Weights {
  return ({ weights, isMatched = false }) => {
    const matched = isMatched ? testers : 0;
    const shares = Object.entries(weights).map(([version, weight]) => [
      version,
      weight * (1 - matched) + (version === target ? 100 * matched : 0),
    ]);
    return Object.fromEntries(shares) as Weights;
  };
}
