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
import { type AppSelection, type AppState, rolloutOf, appStateOf } from "../plan/appState";
import { ownName } from "../plan/planApps";
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
  const readApp = (selection: AppSelection) => appStateOf(config, selection);
  const prefixes = [appState.prefix, ...otherPrefixes(settings)];
  const plan = prefixes.reduce(
    (make, prefix) => () => explained(config, prefix, make),
    () => makePlan(settings, appState, readApp),
  )();
  const findings = Findings.at(`${appState.prefix}:`).field("rollout");
  checkPrometheus(settings, options, findings);
  if (options.source === undefined) {
    checkCounted(settings, plan, appState, readApp, findings);
  } else if (plan.others !== undefined || plan.watched !== undefined) {
    findings
      .field(plan.others === undefined ? "watch" : "with")
      .add(
        "is set beside a source of metrics from code",
        "such a source knows one app: set source instead, or leave it out",
      );
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

/** What comes before the `:` of the keys of the other apps that settings name, sound or not. */
function otherPrefixes({ with: others, watch }: RolloutSettings): string[] {
  return [others, watch].flatMap((apps) =>
    Array.isArray(apps) ? apps.flatMap((app) => (typeof app?.prefix === "string" ? app.prefix : [])) : [],
  );
}

/** Records what proxies could not count, of each app that the plan names. */
function checkCounted(
  { gates, source }: RolloutSettings,
  plan: Plan,
  { values }: AppState,
  readApp: (selection: AppSelection) => AppState,
  findings: Findings,
): void {
  const [own, moved] = [ownName(plan), (plan.others ?? []).map(({ name }) => name)];
  const { service } = appArguments(values);
  checkProtocol(gates, service, findings.field("gates"), undefined, ({ app }) => app === undefined || app === own);
  checkSourcePort(source, service, findings.field("source"));
  for (const { name, ...selection } of [...(plan.others ?? []), ...(plan.watched ?? [])]) {
    const { service: theirs } = appArguments(readApp(selection).values);
    const isOfApp = ({ app }: Partial<GateDefinition>) => app === name || (app === undefined && moved.includes(name));
    checkProtocol(gates, theirs, findings.field("gates"), name, isOfApp);
    checkSourcePort(source, theirs, findings.field("source"), name);
  }
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
