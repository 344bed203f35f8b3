import { clusterOf } from "../../project/cluster";
import { readStackConfig, type StackConfig } from "../../project/stackConfig";
import { Findings } from "../../validation/problem";
import type { Gate, GateDefinition, GateSurroundings } from "../gates/gate";
import { makeGate, needsPrometheus } from "../gates/kinds";
import { makePlan } from "../plan/makePlan";
import type { Plan } from "../plan/plan";
import { type RolloutSettings, withOverrides } from "../plan/settings";
import { rolloutOf, situationOf } from "../plan/situation";
import { makeSource, type SourceSettings } from "../sources/settings";
import type { MetricsSource } from "../sources/source";
import { StackEngine } from "../stack/engine";
import { warmProgramOf } from "../stack/warmProgram";
import type { RolloutOptions } from "./options";
import type { Place } from "./place";
import { secretsOf } from "./secrets";

/** How a gate that code has brought is written down: only its name can be. */
const BY_CODE = "code";

/** What the stack's config and the options say together. */
export interface Inputs {
  settings: RolloutSettings;
  config: StackConfig;
}

/** Reads them. Nothing is checked. */
export async function inputsOf({ project, stack }: Place, { settings = {}, situation = {} }: RolloutOptions): Promise<Inputs> {
  const config = await readStackConfig(project, stack);
  const own = rolloutOf(config, situation.prefix) as RolloutSettings;
  return { settings: withOverrides(own, settings), config };
}

/** What a run would do now. @throws ValidationError that names all that is wrong */
export async function planOf(place: Place, options: RolloutOptions): Promise<Plan> {
  const { settings, config } = await inputsOf(place, options);
  const situation = situationOf(config, options.situation);
  const plan = makePlan(settings, situation);
  const findings = Findings.at(`${situation.prefix}:`).field("rollout");
  checkPrometheus(settings, options, findings);
  const mine: GateDefinition[] = (options.gates ?? []).map(({ name }) => ({ name, kind: BY_CODE }));
  mine.filter(({ name }) => plan.gates.some((gate) => gate.name === name)).forEach(({ name }) => findings.field("gates").add(`has ${name}, which a gate of the code is called too`, "every gate needs a name of its own"));
  findings.throwIfAny(`The rollout of ${situation.app}`);
  return { ...plan, gates: [...plan.gates, ...mine] };
}

function checkPrometheus({ source, gates = [] }: RolloutSettings, options: RolloutOptions, findings: Findings): void {
  const asking = gates.find(needsPrometheus);
  if (asking !== undefined && options.source === undefined && (source as SourceSettings | undefined)?.prometheus === undefined) {
    findings.field("source").add("names no Prometheus", `the gate ${asking.name} asks one: set source.prometheus.url`);
  }
}

/** The source of figures and the gates of a plan. */
export async function judgesOf(place: Place, options: RolloutOptions, plan: Plan, approval: GateSurroundings["approval"]): Promise<{ source: MetricsSource; gates: Gate[] }> {
  const { settings, config } = await inputsOf(place, options);
  const secret = await secretsOf([settings.source, plan.gates], place.project.name, place.cli);
  const subject = { app: plan.app, namespace: plan.namespace, versions: Object.keys(plan.before.weights), cluster: clusterOf(config, place.env) };
  const metrics = options.source ?? makeSource((settings.source ?? {}) as SourceSettings, subject, secret);
  return { source: metrics, gates: plan.gates.map((definition) => (definition.kind === BY_CODE ? givenGate(options, definition.name) : makeGate(definition, { metrics, approval, secret }))) };
}

function givenGate({ gates = [] }: RolloutOptions, name: string): Gate {
  const given = gates.find((gate) => gate.name === name);
  if (given === undefined) {
    throw new Error(`The run was started by code with a gate ${name} of its own; it can be resumed only with that gate, or rolled back`);
  }
  return given;
}

/** The engine for a stack, warm where the program allows it. */
export function engineOf({ project: { folder, program }, stack, env }: Place, pulumiRoot?: string): StackEngine {
  return new StackEngine({ folder, stack, program: warmProgramOf(folder, program), env, pulumiRoot });
}
