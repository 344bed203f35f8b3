import { ExitCode } from "./exitCodes";

/** Something that ends the command with a sentence for the person who called it, and without a stack trace. */
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
