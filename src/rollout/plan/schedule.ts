import type { RolloutSettings } from "./settings";

/** The steps of a plan that names none. */
export const DEFAULT_STEPS: readonly number[] = [5, 20, 50];

/** The settings that say how the target's share grows; they exclude each other. */
export const SCHEDULES = ["steps", "stepWeight", "exponential"] as const;

/** A share of 100% is the promotion, no step. */
const EVERYTHING = 100;

/** The target's share in percent in each step, ascending, each from 1 to 99. The settings are sound. */
export function scheduleOf({ steps, stepWeight, maxWeight, exponential }: RolloutSettings): number[] {
  if (exponential !== undefined) {
    const { start = 1, factor = 2 } = exponential;
    return growing(start, (share) => Math.max(share + 1, Math.round(share * factor)), exponential.maxWeight);
  }
  if (stepWeight !== undefined) {
    return growing(stepWeight, (share) => share + stepWeight, maxWeight);
  }
  return (steps ?? DEFAULT_STEPS).filter((share) => share < EVERYTHING);
}

/** The last step is the highest share itself, whether or not the growth meets it. */
function growing(start: number, next: (share: number) => number, highest = EVERYTHING): number[] {
  const shares: number[] = [];
  for (let share = start; share < highest; share = next(share)) {
    shares.push(share);
  }
  return highest < EVERYTHING ? [...shares, highest] : shares;
}

/**
 * The steps that are left for a target which has a share already: none takes anything away from it. If no step is above
 * its share, there is one that holds it where it is, because nothing is promoted that no gate has looked at.
 */
export function scheduleFrom(share: number, schedule: readonly number[]): number[] {
  const left = schedule.filter((step) => step >= share);
  return left.length === 0 ? [share] : left;
}
