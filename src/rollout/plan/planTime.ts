import { OnFailure } from "../gates/gate";
import type { Plan } from "./plan";

/** How long a run takes, in seconds. */
export interface PlanTime {
  /** If all gates pass whenever they are asked, and nobody lets an approval wait. */
  leastSeconds: number;
  /** Until its deadlines end it. The way back comes on top. */
  mostSeconds: number;
}

/** What an `up` takes that changes nothing but routes. */
const UP_S = 3;

/**
 * How long a run takes.
 *
 * @param upSeconds What one `up` takes, and the traffic to follow it.
 */
export function planTime({ steps, limits, gates }: Plan, upSeconds = UP_S): PlanTime {
  const held = steps.reduce((sum, { holdSeconds }) => sum + holdSeconds, 0);
  // The stack is brought up as it is first, then for each step, then for the promotion.
  const ups = steps.length + 2;
  // A pause stops the clock of its step.
  const mayPause = [limits, ...gates].some(({ onFailure }) => onFailure === OnFailure.Pause);
  const mostSeconds = mayPause
    ? limits.deadlineSeconds
    : Math.min(limits.deadlineSeconds, ups * limits.stepDeadlineSeconds);
  return { leastSeconds: Math.min(held + ups * upSeconds, mostSeconds), mostSeconds };
}
