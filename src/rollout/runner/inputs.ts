import { explained } from "../../config/explained";
import type { StackConfig } from "../../config/stackConfig";
import { Findings } from "../../validation/problem";
import { appArguments } from "../../config/appConfig";
import type { GateDefinition } from "../gates/gate";
import { needsPrometheus } from "../gates/kinds";
import { checkProtocol, checkSourcePort } from "../plan/checkProtocol";
import { makePlan } from "../plan/makePlan";
import type { Plan } from "../plan/plan";
import { type RolloutSettings, withOverrides } from "../plan/settings";
import { rolloutOf, appStateOf } from "../plan/appState";
import { restoredPlan, restoredSource } from "../plan/redact";
import { BY_CODE } from "./buildGates";
import type { RunOptions } from "./options";
import type { StackContext } from "./stackContext";

/** What the stack's config and the options say together. */
export interface Inputs {
  settings: RolloutSettings;
  config: StackConfig;
}

/** Reads them. Nothing is checked. */
export async function inputsOf(
  context: StackContext,
  { settings = {}, appSelection = {} }: RunOptions,
): Promise<Inputs> {
  const config = await context.config();
  const own = rolloutOf(config, appSelection.prefix) as RolloutSettings;
  return { settings: withOverrides(own, settings), config };
}

/** What a run would do now. @throws ValidationError that names all that is wrong */
export async function planOf(context: StackContext, options: RunOptions): Promise<Plan> {
  const { settings, config } = await inputsOf(context, options);
  const appState = appStateOf(config, options.appSelection);
  const plan = explained(config, appState.prefix, () => makePlan(settings, appState));
  const findings = Findings.at(`${appState.prefix}:`).field("rollout");
  checkPrometheus(settings, options, findings);
  if (options.source === undefined) {
    const { service } = appArguments(appState.values);
    checkProtocol(settings.gates, service, findings.field("gates"));
    checkSourcePort(settings.source, service, findings.field("source"));
  }
  const mine: GateDefinition[] = (options.gates ?? []).map(({ name, onFailure }) => ({
    name,
    kind: BY_CODE,
    ...(onFailure === undefined ? {} : { onFailure }),
  }));
  mine
    .filter(({ name }) => plan.gates.some((gate) => gate.name === name))
    .forEach(({ name }) =>
      findings.field("gates").add(`has ${name}, also the name of a gate from code`, "gate names must be unique"),
    );
  findings.throwIfAny(`Rollout of ${appState.app}`);
  return { ...plan, gates: [...plan.gates, ...mine] };
}

function checkPrometheus({ source, gates = [] }: RolloutSettings, options: RunOptions, findings: Findings): void {
  const asking = gates.find(needsPrometheus);
  if (asking !== undefined && options.source === undefined && source?.prometheus === undefined) {
    findings.field("source").add("names no Prometheus", `gate ${asking.name} needs one: set source.prometheus.url`);
  }
}

/**
 * A plan from a journal, for another process to go on with.
 * @throws ValidationError that names what the journal does not keep and nobody gives again
 */
export async function planToResume(context: StackContext, options: RunOptions, plan: Plan): Promise<Plan> {
  const { settings } = await inputsOf(context, options);
  return restoredPlan({ ...plan, source: options.settings?.source ?? plan.source }, settings);
}

/**
 * The same for going back: no gate is asked, and where its source is not kept, Envoy's counters tell what users saw.
 */
export async function planToGoBack(context: StackContext, options: RunOptions, plan: Plan): Promise<Plan> {
  const { settings } = await inputsOf(context, options);
  const missing = Findings.at();
  const source = plan.source && restoredSource(plan.source, settings.source, missing);
  return { ...plan, gates: [], source: missing.all().length === 0 ? source : undefined };
}
