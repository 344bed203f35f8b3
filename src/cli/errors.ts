import { ExitCode } from "./exitCodes";

/** Ends the command with a message for the caller, without a stack trace. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly exitCode: ExitCode = ExitCode.Failed,
  ) {
    super(message);
    this.name = "CommandError";
  }
}

/** A wrong call: what was given, and what is needed. */
export class UsageError extends CommandError {
  constructor(message: string) {
    super(message, ExitCode.Usage);
    this.name = "UsageError";
  }
}
