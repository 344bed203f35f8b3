import { counted, duration, percent } from "../../internal/format";
import { table } from "../../internal/table";
import { inWords } from "../../istio/matchWords";
import { OnFailure, Phase } from "../gates/gate";
import { phasesOf } from "../gates/kinds";
import type { Weights } from "../weights";
import { onFailureOf } from "./onFailure";
import { type Plan, type PlannedApp, type Step, Strategy, Trial } from "./plan";
import { type MovedApp, movedApps } from "./planApps";
import { type PlanTime, planTime } from "./planTime";

/** A plan with what follows from it: what `canary plan --json` prints. */
export interface PlanReport extends Plan {
  /** How long it takes. */
  time: PlanTime;
  /** The gates' names, by the phase when they are asked; without those that code has brought. */
  gatesByPhase: Readonly<Record<Phase, readonly string[]>>;
}

/** A plan with the time it takes and the gates of each phase. */
export function planReport(plan: Plan): PlanReport {
  const gatesByPhase = Object.values(Phase).map((phase) => [
    phase,
    plan.gates.filter((gate) => phasesOf(gate)?.includes(phase)).map(({ name }) => name),
  ]);
  return {
    ...plan,
    time: planTime(plan),
    gatesByPhase: Object.fromEntries(gatesByPhase) as PlanReport["gatesByPhase"],
  };
}

const STRATEGIES: Readonly<Record<Strategy, string>> = {
  [Strategy.Canary]: "canary",
  [Strategy.AB]: "A/B",
  [Strategy.BlueGreen]: "blue-green",
};

const PHASES: Readonly<Record<Phase, string>> = {
  [Phase.Start]: "before the first step",
  [Phase.Step]: "before each step",
  [Phase.Hold]: "while a step is held",
  [Phase.Promotion]: "before the promotion",
};

/** A plan for people: its steps with every version's share, its gates by when they are asked, and the time it takes. */
export function planText(plan: Plan): string {
  const { strategy, before, steps, promotion } = plan;
  const [{ name: app, namespace, target, versions }, ...others] = movedApps(plan);
  const rows = [
    ["before", ...shares(before.weights, versions), ""],
    ...steps.map(({ name, weights, holdSeconds }, index) => [
      `${index + 1}. ${name}`,
      ...shares(weights, versions),
      duration(holdSeconds),
    ]),
    [promotion.name, ...shares(promotion.weights, versions), ""],
  ];
  return [
    `${target} of ${app} in namespace ${namespace}: ${STRATEGIES[strategy]}, ${counted(steps.length, "step")}, then everything`,
    table(["step", ...versions, "held for"], rows),
    ...others.map((other) => otherText(plan, other)),
    ...(plan.watched === undefined ? [] : [`  Watched, with shares that stay: ${listed(plan.watched)}`]),
    ...(plan.match === undefined ? [] : [matchText(plan)]),
    gatesText(plan),
    timeText(plan),
  ].join("\n\n");
}

/** The steps of an app that takes the same ones. */
function otherText({ before, steps, promotion }: Plan, { name, namespace, target, versions }: MovedApp): string {
  const row = (step: string, weights: Step["others"] = {}) => [step, ...shares(weights[name] ?? {}, versions)];
  const rows = [
    row("before", before.others),
    ...steps.map((step, index) => row(`${index + 1}. ${step.name}`, step.others)),
    row(promotion.name, promotion.others),
  ];
  return [`together with ${target} of ${name} in namespace ${namespace}`, table(["step", ...versions], rows)].join(
    "\n\n",
  );
}

function listed(apps: readonly PlannedApp[]): string {
  return apps.map(({ app, namespace }) => `${app} in namespace ${namespace}`).join(", ");
}

function shares(weights: Weights, versions: readonly string[]): string[] {
  return versions.map((version) => percent(weights[version] / 100));
}

/** Which requests go to the target whatever its share is, and when. */
function matchText({ steps, target, match }: Plan): string {
  const numbers = steps.flatMap(({ trial }, index) => (trial === Trial.Matched ? [index + 1] : []));
  const [first, last] = [numbers[0], numbers[numbers.length - 1]];
  const when = first === last ? `In step ${first}` : `In steps ${first} to ${last}`;
  return `  ${when}, whatever the weights, requests go to ${target} that match: ${inWords({ match })}`;
}

function gatesText(plan: Plan): string {
  const { intervalSeconds, failureThreshold } = plan.limits;
  const { gatesByPhase } = planReport(plan);
  if (plan.gates.length === 0) {
    return "  Gates: none. Only a failed `up` or a person rolls it back.";
  }
  const lines = Object.values(Phase).flatMap((phase) => {
    const when = phase === Phase.Hold ? `${PHASES[phase]}, every ${duration(intervalSeconds)}` : PHASES[phase];
    return gatesByPhase[phase].length === 0 ? [] : [`  ${when}: ${gatesByPhase[phase].join(", ")}`];
  });
  const ofCode = plan.gates.filter((gate) => phasesOf(gate) === undefined).map(({ name }) => name);
  if (ofCode.length > 0) {
    lines.push(`  as defined in code: ${ofCode.join(", ")}`);
  }
  const failures = failureThreshold === 1 ? "1 failed sample" : `${failureThreshold} consecutive failed samples`;
  return [
    "  Gates, all of which must pass:",
    ...lines.map((line) => `  ${line}`),
    `  ${whenFailed(plan, failures)}`,
  ].join("\n");
}

function whenFailed(plan: Plan, failures: string): string {
  const asked = plan.gates.filter(({ kind }) => kind !== "approval").map(({ name }) => name);
  const pausing = asked.filter((name) => onFailureOf(plan, name) === OnFailure.Pause);
  if (pausing.length === 0) {
    return `Rolls back after ${failures} of any gate.`;
  }
  return pausing.length === asked.length
    ? `Pauses for a person after ${failures} of any gate.`
    : `Rolls back after ${failures} of any gate, but pauses for a person after those of ${pausing.join(", ")}.`;
}

function timeText(plan: Plan): string {
  const { leastSeconds, mostSeconds } = planTime(plan);
  return `  It takes about ${duration(leastSeconds)} if all goes well, and ${duration(mostSeconds)} at most.`;
}
