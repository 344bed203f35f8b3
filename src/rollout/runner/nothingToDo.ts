import { type RunState, Stage } from "./state";

/** What was wanted does not fit how the last run stands. */
export class NothingToDoError extends Error {
  constructor(
    message: string,
    readonly state?: RunState,
  ) {
    super(message);
    this.name = "NothingToDoError";
  }
}

/** The error that says how the last run stands. */
export function nothingToDo(stack: string, state: RunState | undefined, what: string): NothingToDoError {
  const stands =
    state === undefined
      ? "there has been no run"
      : state.stage === Stage.Ended
        ? `the last run, ${state.run}, has ended: ${state.outcome}`
        : `the run ${state.run} is in progress`;
  return new NothingToDoError(`The stack "${stack}": ${what}; ${stands}`, state);
}
