import { isRefusal } from "../render/programFailure";
import { NothingToRollOutError } from "../rollout/plan/nothingToRollOut";
import { NoActiveRunError } from "../rollout/runner/noActiveRun";
import { StackLockedError } from "../rollout/runner/stackLock";
import { CommandError } from "./errors";
import { ExitCode } from "./exitCodes";
import type { Terminal } from "./terminal";

/** Tells a person what went wrong; gives the exit code for it. */
export function exitCodeOf(error: unknown, terminal: Terminal, env: NodeJS.ProcessEnv): ExitCode {
  if (error instanceof CommandError) {
    terminal.err(error.message);
    return error.exitCode;
  }
  terminal.err(
    env.CANARY_DEBUG && error instanceof Error
      ? (error.stack ?? error.message)
      : ((error as Error)?.message ?? String(error)),
  );
  if (isRefusal(error)) {
    return ExitCode.Usage;
  }
  if (error instanceof StackLockedError) {
    return ExitCode.Locked;
  }
  if (error instanceof NothingToRollOutError) {
    return ExitCode.NothingToRollOut;
  }
  return error instanceof NoActiveRunError ? ExitCode.Usage : ExitCode.Failed;
}
