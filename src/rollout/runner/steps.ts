import type { Plan, Step } from "../plan/plan";

/** A step of a plan; the promotion follows the last one. */
export function stepOf({ steps, promotion }: Plan, step: number): Step {
  return step === steps.length ? promotion : steps[step];
}

/** What is in force at a step; before the first one what was before the run. */
export function inForce(plan: Plan, step: number): Pick<Step, "config" | "weights" | "others"> {
  return step < 0 ? plan.before : stepOf(plan, step);
}
