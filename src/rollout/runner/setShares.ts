import { writeConfigFile } from "../../config/configFile";
import type { ConfigValues } from "../../config/configValues";
import type { AppReference } from "../../config/stackClusters";
import type { StackConfig } from "../../config/stackConfig";
import { resolveWeights } from "../../istio/weights";
import { Findings } from "../../validation/problem";
import { type AppState, appStateOf } from "../plan/appState";
import type { Weights } from "../weights";
import { UpError, UpErrorKind, type UpOptions } from "../pulumi/rolloutStack";
import { systemClock } from "./clock";
import { currentUser } from "./currentUser";
import type { Happening } from "./event";
import { inputsOf } from "./inputs";
import { eventsOfLastRun } from "./journal";
import { acquireForOneUp } from "./lease";
import type { RolloutOptions, RunOptions } from "./options";
import { openRoutes, type OpenRoutes } from "./openRoutes";
import { pendingPatches } from "./pendingPatch";
import { type PlanBasis, verifyBasis } from "./planBasis";
import { contextOf } from "./stackContext";
import { StackLockedError } from "./stackLock";
import { fold } from "./state";
import { TrafficShift } from "./trafficShift";

/** What shares are wanted: of two versions the newest's, in percent; or every version's by its name. */
export type WantedShares = number | Readonly<Record<string, number>>;

/** The change that setting shares would be. */
export interface ShareChange {
  app: string;
  /** Oldest first. */
  versions: readonly string[];
  before: Weights;
  after: Weights;
  /** What is written into the stack's config. */
  config: ConfigValues;
}

/** A change of shares that somebody was shown, and what it was made of. */
export interface PlannedShares extends ShareChange {
  readonly basis: PlanBasis;
}

/**
 * What setting shares would change. Nothing is changed.
 *
 * @throws ValidationError that names what is wrong with the shares
 */
export async function planShares(options: RolloutOptions, wanted: WantedShares): Promise<PlannedShares> {
  return plannedFrom(await (await contextOf(options)).config(), options, wanted);
}

function plannedFrom(config: StackConfig, options: RunOptions, wanted: WantedShares): PlannedShares {
  return { ...changeOf(config, options, wanted), basis: { config } };
}

function changeOf(stackConfig: StackConfig, options: RunOptions, wanted: WantedShares): ShareChange {
  const appState = appStateOf(stackConfig, options.appSelection);
  const after = sharesOf(wanted, appState);
  const { app, prefix, byNewest, versions, weights: before } = appState;
  const config =
    byNewest && versions.length === 2 ? { [`${prefix}:weight`]: after[versions[1]] } : { [`${prefix}:weights`]: after };
  return { app, versions, before, after, config };
}

/**
 * Sets an app's shares in its stack's config, and brings the stack up once. When that fails the config stays as it was
 * set, for the next `up` to go on.
 *
 * @param wanted the shares, or a plan of them, which is executed as it is
 * @throws PlanOutdatedError if the config has changed since shares were planned
 * @throws ConfigElsewhereError if Pulumi has other values than the stack's file
 * @throws ValidationError that names what is wrong with the shares
 * @throws StackLockedError if a run has the stack, or one was not ended; or if one of another machine began at the same
 *   time, after the `up`
 * @throws UpError if the `up` fails
 */
export async function setShares(
  options: RolloutOptions,
  wanted: WantedShares | PlannedShares,
  signal: AbortSignal,
): Promise<ShareChange> {
  const context = await contextOf(options);
  const { lock, project, stack } = context;
  const journal = context.openJournal();
  const all = journal.readAll();
  const last = fold(eventsOfLastRun(all));
  if (last !== undefined && last.outcome === undefined) {
    const holder = lock.holder() ?? { run: last.run, by: last.by, since: new Date(last.startedAt).toISOString() };
    throw new StackLockedError(
      stack,
      holder,
      lock.isLocked()
        ? "wait until it ends, or abort it with `canary abort`"
        : "its process has ended: continue it with `canary rollout --continue`, or roll it back with `canary rollback`",
    );
  }
  const { clock = systemClock } = options;
  const ended = all
    .filter(({ type }) => type === "promoted" || type === "rolledBack" || type === "failed")
    .map(({ run }) => run);
  const run = `set-${clock.now()}`;
  const engine = context.makeEngine();
  engine.warmUp(); // that takes about as long as it takes to have the stack, and so do the next two
  const reading = context.pulumisReading(options.appSelection?.prefix);
  reading.catch(() => undefined); // told before the config is changed
  let routes: OpenRoutes | undefined;
  try {
    const app = appStateOf(await context.config(), options.appSelection);
    routes = await routesFirst(app);
    const by = options.by ?? currentUser();
    const giveBack = await acquireForOneUp(context, { run, by, clock, takeOver: true, ended });
    const change = await changed().catch(async (error: unknown) => {
      await giveBack().catch(() => undefined);
      throw error;
    });
    await giveBack();
    return change;
  } finally {
    routes?.close();
    engine.close();
  }

  async function routesFirst(app: AppReference): Promise<OpenRoutes | undefined> {
    const { settings } = await inputsOf(context, options);
    if (settings.trafficFirst === false) {
      return undefined;
    }
    context.lastState().catch(() => undefined); // told where it is needed
    return openRoutes(context, [{ app: app.app, namespace: app.namespace }], engine);
  }

  async function changed(): Promise<ShareChange> {
    const planned = isPlanned(wanted) ? wanted : plannedFrom(await context.readConfig(), options, wanted);
    const { basis, ...change } = planned;
    await verifyBasis(context, basis, reading);
    if (signal.aborted) {
      throw new UpError(UpErrorKind.Cancelled, "it was cancelled before anything was changed");
    }
    let hasPatched = false;
    const tell = (happening: Happening) => {
      hasPatched ||= happening.type === "patching";
      journal.append(run, happening, clock.now());
    };
    const shifting = {
      write: (values: ConfigValues) => writeConfigFile(project.configFile(stack), project.name, values),
      up: (until: AbortSignal, how?: UpOptions) => engine.up(until, how),
    };
    const pending = pendingPatches(all);
    const shift = new TrafficShift({ clock, stack: shifting, patched: routes?.apps }, tell);
    const to = { config: change.config, weights: change.after };
    await shift.make({ to, from: [{ ...to, weights: change.before }], pending }, signal);
    if (hasPatched || pending.length > 0) {
      tell({ type: "recorded" });
    }
    return change;
  }
}

function isPlanned(wanted: WantedShares | PlannedShares): wanted is PlannedShares {
  return typeof wanted === "object" && typeof wanted.basis === "object";
}

function sharesOf(wanted: WantedShares, { app, versions }: AppState): Weights {
  const findings = Findings.at();
  const shares = resolveWeights(
    versions,
    typeof wanted === "number" ? { weight: wanted } : { weights: wanted },
    findings,
  );
  findings.throwIfAny(`Weights of ${app}`);
  return shares as Weights;
}
