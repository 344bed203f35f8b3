import { Phase } from "../gates/gate";
import type { Plan } from "../plan/plan";
import { EagerUpStack } from "../pulumi/eagerUpStack";
import { PulumiStack } from "../pulumi/pulumiStack";
import { buildGates, readsCluster } from "./buildGates";
import { systemClock } from "./clock";
import { currentUser } from "./currentUser";
import type { Happening, RollbackReason, RolloutEvent, UsersSaw } from "./event";
import type { Journal } from "./journal";
import { acquire, release } from "./lease";
import type { RunOptions } from "./options";
import { openRoutes } from "./openRoutes";
import { pendingPatches } from "./pendingPatch";
import { clustersOf, type RunSources, startSources, stopSources } from "./sources";
import { Runner } from "./runner";
import type { StackContext } from "./stackContext";
import { fold, type Outcome, type RunState } from "./state";
import { type ClusterReference, KubernetesApi } from "../../internal/kubernetes/api";
import type { NamedCluster } from "../../internal/kubernetes/namedCluster";

/** How a run ended. */
export interface RolloutResult {
  run: string;
  outcome: Outcome;
  /** Why it went back; missing after a promotion. */
  reason?: RollbackReason;
  /** The same for people, with metrics. */
  why?: string;
  /** Everything that happened, in order. */
  events: readonly RolloutEvent[];
  /** What all users of the run's apps saw during it; missing if there were no metrics. */
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
   * How it ends. It rejects only if the journal cannot be written, or the run cannot go on for a reason of its own; it
   * can be resumed then.
   */
  readonly result: Promise<RolloutResult>;
}

/** The run that is launched. */
export interface Launch {
  run: string;
  /** What the gates and the source are made from; in the journal are no texts that may be secrets. */
  plan: Plan;
  /** Whether it begins with bringing the stack up as it is. @default false */
  prepares?: boolean;
  /** Throws if it must not begin; asked when the stack is locked, and before anything is changed. @default it may */
  verify?(): Promise<void>;
  /** What is written down first. `cluster` is the app's, as far as it is known. */
  first(by: string, cluster?: NamedCluster): Happening[];
}

/** How long the first reading of the metrics' sources may take, in ms. */
const SOURCE_START_MS = 15_000;

/** Takes the stack for a run, and has it go on by itself in this process. */
export async function launch(
  context: StackContext,
  options: RunOptions,
  { run, plan, prepares = false, verify, first }: Launch,
): Promise<Rollout> {
  const journal = context.openJournal();
  const { by = currentUser(), clock = systemClock } = options;
  const known = journal.readAll();
  const ended = known.filter(({ type }) => ENDS.includes(type)).map((event) => event.run);
  let runner: Runner | undefined;
  const decision = (gate: string, step: number) =>
    runner?.current.decisions.filter((each) => each.gate === gate && each.step === step).at(-1);
  const clusters = clustersOf(context, plan);
  if (prepares && readsCluster(options, plan)) {
    // A run that could judge by nothing does not begin; one that is under way goes on, or back.
    await Promise.all([clusters.own, ...Object.values(clusters.others)].map((cluster) => cluster()));
  }
  const named = namedCluster(clusters.own);
  const { sources, gates } = await buildGates(context, options, plan, clusters, decision);
  const early: string[] = [];
  const engine = context.makeEngine((text) => (runner === undefined ? early.push(text) : runner.note(text)));
  engine.warmUp(); // that takes about as long as it takes to have the stack
  const stack = new EagerUpStack(new PulumiStack(context.project, context.stack, engine, context.cli));
  // Bringing up what the config says already moves nothing; a gate that is asked before anything is changed is waited
  // for.
  const meanwhile =
    prepares && pendingPatches(known).length === 0 && !gates.some(({ phases }) => phases.includes(Phase.Start))
      ? () => stack.begin()
      : undefined;
  const holder = { run, by, clock, takeOver: true, ended, verify, meanwhile };
  const opened = openRoutes(context, [{ app: plan.app, namespace: plan.namespace }, ...(plan.others ?? [])], engine);
  const untold = await acquire(context, holder).catch(async (error: unknown) => {
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
    stopSources(sources);
    opened.close();
    await stack.giveUp();
    engine.close();
    await release(context);
  };
  try {
    const notes = [untold, ...early].flatMap((text): Happening[] =>
      text === undefined ? [] : [{ type: "logged", level: "info", text }],
    );
    [...first(by, await named), ...notes].forEach((happening) => journal.append(run, happening, clock.now()));
    const fresh = journal.readNew();
    fresh.filter((event) => event.run === run).forEach(listener);
    const state = fold([...known, ...fresh].filter((event) => event.run === run)) as RunState;
    const patched = plan.trafficFirst === false ? [] : opened.apps;
    // Others may have written while the stack was being taken.
    const pending = pendingPatches([...known, ...fresh]);
    runner = new Runner(state, { clock, journal, stack, patched, pending, gates, sources, listener });
  } catch (error) {
    await giveBack();
    throw error;
  }
  const result = finished(runner, sources, journal).finally(giveBack);
  result.catch(() => undefined);
  return handleOf(runner, by, result);
}

/** The API server, where its kubeconfig can be found. */
async function namedCluster(cluster: () => Promise<ClusterReference>): Promise<NamedCluster | undefined> {
  try {
    return (await KubernetesApi.of(await cluster())).named;
  } catch {
    return undefined; // whoever asks it for something says why
  }
}

async function finished(runner: Runner, sources: RunSources, journal: Journal): Promise<RolloutResult> {
  await startSources(sources, AbortSignal.timeout(SOURCE_START_MS), (text) => runner.note(text));
  await runner.checkTruth();
  return resultOf(await runner.finish(), journal);
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

function resultOf({ run, outcome, rollback: back, failure }: RunState, journal: Journal): RolloutResult {
  const events = journal.readAll().filter((event) => event.run === run);
  const end = events.at(-1);
  return {
    run,
    outcome: outcome as Outcome,
    ...(outcome === "promoted" ? {} : { reason: back?.reason, why: failure ?? back?.why }),
    events,
    ...(end !== undefined && "users" in end && end.users !== undefined ? { usersFailed: end.users } : {}),
  };
}
