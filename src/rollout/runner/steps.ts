import type { Plan, Step } from "../plan/plan";

/** A step of a plan; the promotion follows the last one. */
export function stepOf({ steps, promotion }: Plan, step: number): Step {
  return step === steps.length ? promotion : steps[step];
}
