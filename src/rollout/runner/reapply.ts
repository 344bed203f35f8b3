import { errorMessage } from "../../internal/http/errorMessage";
import type { RolloutStack } from "../pulumi/rolloutStack";
import type { Happening } from "./event";
import { weightsOfOthers } from "./otherApps";
import { type RunState, Stage } from "./state";
import { stepOf } from "./steps";

/**
 * Asks a stack whether what a run's state says is in force is so: config, weights and the last `up`.
 *
 * @returns What is to be written down so that the step is applied once more; nothing if all is as it should be.
 */
export async function eventsToReapply(
  { stage, step, touched, plan }: RunState,
  stack: Pick<RolloutStack, "difference">,
): Promise<Happening[]> {
  const inForce = stage === Stage.Entering ? step - 1 : step;
  if (!touched || inForce < 0 || stage === Stage.Shifting || stage === Stage.RollingBack || stage === Stage.Ended) {
    return [];
  }
  const { name, config, weights, others } = stepOf(plan, inForce);
  const difference = await stack.difference(config, weights, weightsOfOthers(plan, others)).catch(errorMessage);
  if (difference === undefined) {
    return [];
  }
  const what = inForce === plan.steps.length ? "the promotion" : `step ${inForce + 1}`;
  return [
    { type: "logged", level: "info", text: `${difference}: ${what} is applied again` },
    { type: "shifting", step: inForce, name, weights, ...(others && { others }) },
  ];
}
