import type { CanaryAppArgs } from "../../../components/canaryAppArgs";
import { APP_ARGUMENTS, checkCanaryApp } from "../../../components/checkCanaryApp";
import { appArguments } from "../../config/appConfig";
import { Findings, type Problem, ValidationError } from "../../validation/problem";
import type { AppState } from "./appState";
import type { Step } from "./plan";

/**
 * Refuses a step to which the program would object, where it does not object to what is there now.
 *
 * @param app How the app stands whose keys are looked at.
 * @param subject Whose rollout it is.
 * @throws ValidationError that names what the program would object to
 */
export function checkSteps(steps: readonly Step[], { app, prefix, values }: AppState, subject: string): void {
  const known = new Set(objections(app, prefix, values).map(problemKey));
  const different = new Map(steps.map((step) => [JSON.stringify(step.config), step])); // iterations are the same
  for (const { name, config } of different.values()) {
    const written = Object.entries(config).flatMap(([key, value]) =>
      value === null || !key.startsWith(`${prefix}:`) ? [] : [[key.slice(prefix.length + 1), value]],
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
