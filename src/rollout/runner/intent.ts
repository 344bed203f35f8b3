import { type RunState, Stage } from "./state";

/** Whether the run goes back, or is about to because a person wants it. */
export function isLeaving({ stage, command, decisions }: RunState): boolean {
  return (
    stage === Stage.RollingBack ||
    stage === Stage.Ended ||
    command?.name === "abort" ||
    decisions.some(({ approved }) => !approved)
  );
}

/** Whether a person wants the target to take everything at once, and the run is not about to do that already. */
export function wantsPromotion({ command, step, stage, plan }: RunState): boolean {
  return command?.name === "promote" && (step < plan.steps.length || stage === Stage.Entering);
}
