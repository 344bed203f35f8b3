import type { CanaryAppArgs } from "../../../components/canaryAppArgs";
import { APP_ARGUMENTS, checkCanaryApp } from "../../../components/checkCanaryApp";
import { appArguments } from "../../config/appConfig";
import type { ConfigValues } from "../../config/configValues";
import type { MatchArgs } from "../../istio/match";
import type { Plain } from "../../istio/plain";
import type { RouteArgs } from "../../istio/route";
import { Findings, type Problem, ValidationError } from "../../validation/problem";
import type { Weights } from "../weights";
import { checkRollout } from "./checkRollout";
import { secondsOf } from "./duration";
import { NothingToRollOutError } from "./nothingToRollOut";
import { checkPlain } from "./plainData";
import { type Limits, type Plan, type Step, Strategy, Trial } from "./plan";
import { scheduleFrom, scheduleOf } from "./schedule";
import type { LimitSettings, RolloutSettings } from "./settings";
import { sharesBySchedule } from "./shares";
import type { AppState } from "./appState";
import { followsWeights, matchedRoutes, mirroredRoutes } from "./trialRoutes";

const DEFAULT_HOLD_S = 60;
const DEFAULT_INTERVAL_S = 10;
const DEFAULT_FAILURES = 3;
/** What a step has beside its hold for its `up`, for the traffic to follow, and for approvals. */
const DEFAULT_SLACK_S = 600;
const DEFAULT_ITERATIONS = { [Strategy.Canary]: 1, [Strategy.AB]: 5, [Strategy.BlueGreen]: 1 } as const;

/** A step without what follows from the appState. */
interface Sketch {
  name: string;
  weights: Weights;
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
 * @throws ValidationError that names every setting or key that is wrong. What the program would refuse in the middle of
 *   a run is refused here.
 * @throws NothingToRollOutError if the settings are sound, and the target has all traffic already.
 */
export function makePlan(given: RolloutSettings, appState: AppState): Plan {
  const subject = `Rollout of ${appState.app}`;
  const root = Findings.at(`${appState.prefix}:`);
  const findings = root.field("rollout");
  checkRollout(given, findings, appState.versions);
  root.throwIfAny(subject);
  checkPlain(given, findings);
  root.throwIfAny(subject);
  const target = given.target ?? appState.versions[appState.versions.length - 1];
  if (appState.weights[target] === 100) {
    throw new NothingToRollOutError(target, appState.versions, appState.prefix);
  }
  checkTarget(target, given, appState, root);
  root.throwIfAny(subject);

  const mirrored = mirrorSketch(given, target, appState, root);
  const matched = matchSketches(given, target, appState, root);
  const sketches = [...mirrored, ...matched, ...weightSketches(given, target, appState, matched.at(-1))];
  root.throwIfAny(subject);
  const writesRoutes = sketches.some(({ routes }) => routes !== undefined);
  const before = beforeOf(appState, writesRoutes);
  const steps = sketches.map((sketch) => stepOf(sketch, appState, before.config));
  const [everything] = sharesBySchedule(appState.weights, target, [100], appState.versions);
  const promotion = stepOf({ name: "promotion", weights: everything, holdSeconds: 0 }, appState, before.config);
  checkSteps([...steps, promotion], appState, subject);
  const limits = limitsOf(given.limits ?? {}, steps, findings.field("limits"));
  root.throwIfAny(subject);
  const { app, namespace } = appState;
  const plan: Plan = {
    app,
    namespace,
    target,
    strategy: given.strategy ?? Strategy.Canary,
    match: given.match as Plan["match"],
    versions: appState.versions,
    before,
    steps,
    promotion,
    gates: given.gates ?? [],
    source: given.source,
    limits,
    trafficFirst: given.trafficFirst,
  };
  return JSON.parse(JSON.stringify(plan)) as Plan;
}

function checkTarget(
  target: string,
  { mirror, match }: RolloutSettings,
  { weights, values, routes }: AppState,
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
}

function mirrorSketch(
  { mirror, hold }: RolloutSettings,
  target: string,
  { weights, routes }: AppState,
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
  target: string,
  { weights, routes }: AppState,
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
function weightSketches(
  given: RolloutSettings,
  target: string,
  { weights, versions }: AppState,
  matched: Sketch | undefined,
): Sketch[] {
  if ((given.strategy ?? Strategy.Canary) !== Strategy.Canary) {
    return [];
  }
  const schedule = scheduleFrom(weights[target], scheduleOf(given));
  const holdSeconds = secondsOf(given.hold) ?? DEFAULT_HOLD_S;
  return sharesBySchedule(weights, target, schedule, versions).map((shares, index) => ({
    name: `${schedule[index]}%`,
    weights: shares,
    holdSeconds,
    ...(matched && { trial: matched.trial, routes: matched.routes }),
  }));
}

function stepOf({ routes, ...rest }: Sketch, appState: AppState, before: ConfigValues): Step {
  const { prefix, byNewest, versions } = appState;
  const asked = byNewest
    ? { [`${prefix}:weight`]: rest.weights[versions[versions.length - 1]] }
    : { [`${prefix}:weights`]: rest.weights };
  return {
    ...rest,
    config: { ...before, ...asked, ...(routes === undefined ? {} : { [`${prefix}:routes`]: routes }) },
  };
}

/** How things stand, of the keys that the run writes. */
function beforeOf({ own, source, weights, prefix }: AppState, writesRoutes: boolean): Plan["before"] {
  const written = <T>(values: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(values).filter(([key]) => writesRoutes || key !== `${prefix}:routes`));
  return { weights, config: written(own), source: source && { ...source, keys: written(source.keys) } };
}

/** Refuses a step to which the program would object, where it does not object to what is there now. */
function checkSteps(steps: readonly Step[], { app, prefix, values }: AppState, subject: string): void {
  const known = new Set(objections(app, prefix, values).map(problemKey));
  const different = new Map(steps.map((step) => [JSON.stringify(step.config), step])); // iterations are the same
  for (const { name, config } of different.values()) {
    const written = Object.entries(config).flatMap(([key, value]) =>
      value === null ? [] : [[key.slice(prefix.length + 1), value]],
    );
    const problems = objections(app, prefix, { ...values, ...Object.fromEntries(written) }).filter(
      (problem) => !known.has(problemKey(problem)),
    );
    if (problems.length > 0) {
      throw new ValidationError(`${subject}, step "${name}"`, problems);
    }
  }
}

function objections(app: string, prefix: string, values: Readonly<Record<string, unknown>>): readonly Problem[] {
  const args = Object.entries(appArguments(values)).filter(([key]) => APP_ARGUMENTS.includes(key));
  const findings = Findings.at(`${prefix}:`);
  checkCanaryApp(app, Object.fromEntries(args) as unknown as CanaryAppArgs, findings);
  return findings.all();
}

function problemKey({ path, what }: Problem): string {
  return `${path} ${what}`;
}

function limitsOf(given: LimitSettings, steps: readonly Step[], findings: Findings): Limits {
  const longest = Math.max(...steps.map(({ holdSeconds }) => holdSeconds));
  const together = steps.reduce((sum, { holdSeconds }) => sum + holdSeconds, 0);
  const stepDeadlineSeconds = secondsOf(given.stepDeadline) ?? longest + DEFAULT_SLACK_S;
  const deadlineSeconds = secondsOf(given.deadline) ?? (steps.length + 2) * stepDeadlineSeconds;
  if (stepDeadlineSeconds <= longest) {
    findings
      .field("stepDeadline")
      .add(
        `is ${stepDeadlineSeconds} s, but a step is held for ${longest} s`,
        "expected more, to leave time for the up and for the traffic to converge",
      );
  }
  if (deadlineSeconds <= together) {
    findings
      .field("deadline")
      .add(
        `is ${deadlineSeconds} s, but all steps together are held for ${together} s`,
        "expected more, to leave time for the ups and for the traffic to converge",
      );
  }
  return {
    intervalSeconds: secondsOf(given.interval) ?? DEFAULT_INTERVAL_S,
    failureThreshold: given.failureThreshold ?? DEFAULT_FAILURES,
    onFailure: given.onFailure,
    stepDeadlineSeconds,
    deadlineSeconds,
    rollbackDeadlineSeconds: secondsOf(given.rollbackDeadline),
    convergenceTimeoutSeconds: secondsOf(given.convergenceTimeout),
  };
}
