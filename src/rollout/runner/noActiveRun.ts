import { type RunState, Stage } from "./state";

/** What was wanted does not fit how the last run stands. */
export class NoActiveRunError extends Error {
  constructor(
    message: string,
    readonly state?: RunState,
  ) {
    super(message);
    this.name = "NoActiveRunError";
  }
}

/** The error that says how the last run stands. */
export function noActiveRun(stack: string, state: RunState | undefined, what: string): NoActiveRunError {
  const stands =
    state === undefined
      ? "it has no runs"
      : state.stage === Stage.Ended
        ? `the last run, ${state.run}, has ended (${state.outcome})`
        : `run ${state.run} is in progress`;
  return new NoActiveRunError(`Stack "${stack}": ${what}; ${stands}`, state);
}
