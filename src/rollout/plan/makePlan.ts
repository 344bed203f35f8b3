import { appArguments } from "../../config/appConfig";
import type { ConfigValues } from "../../config/configValues";
import type { MatchArgs } from "../../istio/match";
import type { Plain } from "../../istio/plain";
import type { RouteArgs } from "../../istio/route";
import { Findings } from "../../validation/problem";
import { appsToPlan, type AppToMove } from "./appsToPlan";
import { checkRollout } from "./checkRollout";
import { checkSteps } from "./checkSteps";
import { secondsOf } from "./duration";
import { gatesOfApps } from "./gatesOfApps";
import { NothingToRollOutError } from "./nothingToRollOut";
import { checkPlain } from "./plainData";
import { limitsOf } from "./planLimits";
import { type Plan, type Step, Strategy, Trial } from "./plan";
import { scheduleFrom, scheduleOf } from "./schedule";
import type { RolloutSettings } from "./settings";
import { sharesBySchedule } from "./shares";
import type { AppSelection, AppState } from "./appState";
import type { SharesOfApps } from "./planApps";
import { followsWeights, matchedRoutes, mirroredRoutes } from "./trialRoutes";

const DEFAULT_HOLD_S = 60;
const DEFAULT_ITERATIONS = { [Strategy.Canary]: 1, [Strategy.AB]: 5, [Strategy.BlueGreen]: 1 } as const;

/** A step without what follows from the appState. */
interface Sketch extends SharesOfApps {
  name: string;
  holdSeconds: number;
  trial?: Trial;
  goesOnUndecided?: boolean;
  /** The routes while it is in force; undefined for those from before. */
  routes?: readonly Plain<RouteArgs>[];
}

/**
 * What a run would do.
 *
 * @param given The settings; a stack's config and the flags of a command are checked here.
 * @param appState How things stand.
 * @param readApp Reads how another app of the stack stands that the settings name.
 * @throws ValidationError that names every setting or key that is wrong. What the program would refuse in the middle of
 *   a run is refused here.
 * @throws NothingToRollOutError if the settings are sound, and all targets have all traffic already.
 */
export function makePlan(
  given: RolloutSettings,
  appState: AppState,
  readApp: (selection: AppSelection) => AppState = noOtherApp,
): Plan {
  const subject = `Rollout of ${appState.app}`;
  const root = Findings.at(`${appState.prefix}:`);
  const findings = root.field("rollout");
  checkRollout(given, findings, appState.versions);
  root.throwIfAny(subject);
  checkPlain(given, findings);
  root.throwIfAny(subject);
  const { own, others, watched } = appsToPlan(given, appState, readApp, findings);
  root.throwIfAny(subject);
  const moved = [own, ...others];
  refuseIfDone(moved);
  moved.forEach((app) => checkTarget(app, given, app === own ? root : Findings.at(`${app.state.prefix}:`)));

  const mirrored = mirrorSketch(given, own, root);
  const matched = matchSketches(given, own, root);
  const sketches = [...mirrored, ...matched, ...weightSketches(given, moved, matched.at(-1))];
  const gates = gatesOfApps(
    given.gates ?? [],
    { own: own.name, others: others.map(({ name }) => name), watched: watched.map(({ name }) => name) },
    findings.field("gates"),
  );
  checkWatched(watched, gates, findings.field("watch"));
  root.throwIfAny(subject);
  const writesRoutes = sketches.some(({ routes }) => routes !== undefined);
  const before = beforeOf(moved, writesRoutes);
  const steps = sketches.map((sketch) => stepOf(sketch, moved, before.config));
  const everything = { name: "promotion", ...sharesAt(moved, 100), holdSeconds: 0 };
  const promotion = stepOf(everything, moved, before.config);
  moved.forEach(({ state }) => checkSteps([...steps, promotion], state, `Rollout of ${state.app}`));
  const limits = limitsOf(given.limits ?? {}, steps, findings.field("limits"));
  root.throwIfAny(subject);
  const { app, namespace } = appState;
  const plan: Plan = {
    app,
    namespace,
    target: own.target,
    strategy: given.strategy ?? Strategy.Canary,
    match: given.match as Plan["match"],
    versions: appState.versions,
    before,
    others: others.length === 0 ? undefined : others.map(({ state, ...other }) => other),
    watched: watched.length === 0 ? undefined : watched,
    steps,
    promotion,
    gates,
    source: given.source,
    limits,
    trafficFirst: given.trafficFirst,
  };
  return JSON.parse(JSON.stringify(plan)) as Plan;
}

function noOtherApp(): AppState {
  throw new Error("makePlan was not told how other apps stand");
}

/** Only where no target can get more is there nothing to do: one that has all traffic keeps it. */
function refuseIfDone([own, ...others]: readonly AppToMove[]): void {
  if ([own, ...others].every(({ state, target }) => state.weights[target] === 100)) {
    const { versions, prefix } = own.state;
    const done = others.map(({ target, name }) => `${target} of ${name}`);
    throw new NothingToRollOutError(own.target, versions, prefix, done);
  }
}

/** Records apps by whose requests no gate judges. */
function checkWatched(watched: Plan["watched"] & object, gates: Plan["gates"], findings: Findings): void {
  watched.forEach(({ name }, index) => {
    if (!gates.some(({ app }) => app === name)) {
      findings
        .field(index)
        .add("is judged by no gate", `add a gate of kind success-rate or latency with app: ${name}, or remove it`);
    }
  });
}

function checkTarget(
  { state: { app, weights, values, routes }, target }: AppToMove,
  { mirror, match }: RolloutSettings,
  root: Findings,
): void {
  const { versions: declared, replicasFollowWeight: following } = appArguments(values) as {
    versions?: unknown;
    replicasFollowWeight?: { least?: unknown };
  };
  const workloads = (Array.isArray(declared) ? declared : []) as ({ name?: unknown; replicas?: unknown } | null)[];
  const index = workloads.findIndex((version) => version?.name === target);
  if (workloads[index]?.replicas === 0) {
    root
      .field("versions")
      .field(index)
      .field("replicas")
      .add("is 0, but the rollout sends requests to this version", "expected at least 1");
  }
  if (following?.least === 0 && weights[target] === 0 && (mirror !== undefined || match !== undefined)) {
    root
      .field("replicasFollowWeight")
      .field("least")
      .add(
        `is 0, so ${target} has no pods before it has a weight`,
        "expected 1 or more when a version is tried by mirror or match",
      );
  }
  if (!routes.some(followsWeights)) {
    root
      .field("routes")
      .add(
        "has no route that is split by the weights",
        "a rollout moves only those: add one without version, weights, service, redirect and directResponse",
      );
  }
  root.throwIfAny(`Rollout of ${app}`);
}

function mirrorSketch(
  { mirror, hold }: RolloutSettings,
  { target, state: { weights, routes } }: AppToMove,
  root: Findings,
): Sketch[] {
  if (mirror === undefined) {
    return [];
  }
  const percent = mirror.percent ?? 100;
  checkPlain(routes, root.field("routes"));
  const mirrored = mirroredRoutes(routes, target, percent, root.field("routes"));
  return [
    {
      name: `mirror ${percent}%`,
      weights,
      holdSeconds: secondsOf(mirror.hold ?? hold) ?? DEFAULT_HOLD_S,
      trial: Trial.Mirrored,
      routes: mirrored,
    },
  ];
}

function matchSketches(
  { match, hold, iterations, strategy = Strategy.Canary }: RolloutSettings,
  { target, state: { weights, routes } }: AppToMove,
  root: Findings,
): Sketch[] {
  if (match === undefined) {
    return [];
  }
  checkPlain(routes, root.field("routes"));
  const matched = matchedRoutes(
    routes,
    target,
    match as Plain<MatchArgs>[],
    root.field("routes"),
    root.field("rollout").field("match"),
  );
  const count = iterations ?? DEFAULT_ITERATIONS[strategy];
  const name = strategy === Strategy.AB ? "A/B" : "matched requests";
  return Array.from({ length: count }, (_, index) => ({
    name: count === 1 ? name : `${name}, iteration ${index + 1} of ${count}`,
    weights,
    holdSeconds: secondsOf(hold) ?? DEFAULT_HOLD_S,
    trial: Trial.Matched,
    routes: matched,
    ...(strategy === Strategy.Canary ? { goesOnUndecided: true } : {}),
  }));
}

/** @param matched The step before these whose routes send what matches to the target; they stay in force. */
function weightSketches(given: RolloutSettings, moved: readonly AppToMove[], matched: Sketch | undefined): Sketch[] {
  if ((given.strategy ?? Strategy.Canary) !== Strategy.Canary) {
    return [];
  }
  const least = Math.min(...moved.map(({ state, target }) => state.weights[target]));
  const schedule = scheduleFrom(least, scheduleOf(given));
  const holdSeconds = secondsOf(given.hold) ?? DEFAULT_HOLD_S;
  return sharesAlong(moved, schedule).map((shares, index) => ({
    name: `${schedule[index]}%`,
    ...shares,
    holdSeconds,
    ...(matched && { trial: matched.trial, routes: matched.routes }),
  }));
}

/** The shares of all apps while their targets' grow; a target that has more already keeps what it has. */
function sharesAlong([own, ...others]: readonly AppToMove[], schedule: readonly number[]): SharesOfApps[] {
  const along = ({ state: { weights, versions }, target }: AppToMove) =>
    sharesBySchedule(
      weights,
      target,
      schedule.map((share) => Math.max(share, weights[target])),
      versions,
    );
  const theirs = others.map((other) => [other.name, along(other)] as const);
  return along(own).map((weights, index) => ({
    weights,
    ...(others.length === 0 ? {} : { others: Object.fromEntries(theirs.map(([name, all]) => [name, all[index]])) }),
  }));
}

function sharesAt(moved: readonly AppToMove[], share: number): SharesOfApps {
  return sharesAlong(moved, [share])[0];
}

function stepOf({ routes, ...rest }: Sketch, [own, ...others]: readonly AppToMove[], before: ConfigValues): Step {
  const asked = others.map(({ name, state }) => askedFor(state, rest.others?.[name] ?? {}));
  return {
    ...rest,
    config: Object.assign(
      { ...before },
      askedFor(own.state, rest.weights),
      ...asked,
      routes === undefined ? {} : { [`${own.state.prefix}:routes`]: routes },
    ) as ConfigValues,
  };
}

/** The key of an app's shares, as its config has it. */
function askedFor({ prefix, byNewest, versions }: AppState, weights: SharesOfApps["weights"]): ConfigValues {
  return byNewest
    ? { [`${prefix}:weight`]: weights[versions[versions.length - 1]] }
    : { [`${prefix}:weights`]: weights };
}

/** How things stand, of the keys that the run writes. */
function beforeOf(moved: readonly AppToMove[], writesRoutes: boolean): Plan["before"] {
  const [own, ...others] = moved;
  const written = <T>(values: Readonly<Record<string, T>>) =>
    Object.entries(values).filter(
      ([key]) => writesRoutes || !moved.some(({ state }) => key === `${state.prefix}:routes`),
    );
  const config = Object.fromEntries(moved.flatMap(({ state }) => written(state.own)));
  const sources = moved.flatMap(({ state }) => state.source ?? []);
  const keys = Object.fromEntries(sources.flatMap((source) => written(source.keys)));
  return {
    weights: own.state.weights,
    ...(others.length === 0
      ? {}
      : { others: Object.fromEntries(others.map(({ name, state }) => [name, state.weights])) }),
    config,
    source: own.state.source && { ...own.state.source, keys },
  };
}
