import { CommanderError } from "commander";
import { isRefusal } from "../render/programFailure";
import { NothingToRollOutError } from "../rollout/plan/nothingToRollOut";
import { StackLockedError } from "../rollout/runner/stackLock";
import { NoActiveRunError } from "../rollout/runner/noActiveRun";
import { CommandError } from "./errors";
import { ExitCode } from "./exitCodes";
import { createProgram } from "./program";
import { Session } from "./session";
import type { Terminal } from "./terminal";

/** Runs one call of the command; gives its exit code. */
export async function run(args: readonly string[], terminal: Terminal, env: NodeJS.ProcessEnv): Promise<ExitCode> {
  const session = new Session(terminal, env);
  const program = createProgram(session);
  try {
    if (args.length === 0) {
      program.outputHelp();
      return ExitCode.Usage;
    }
    await program.parseAsync(args, { from: "user" });
    return session.exitCode;
  } catch (error) {
    return codeOf(error, terminal, env);
  }
}

function codeOf(error: unknown, terminal: Terminal, env: NodeJS.ProcessEnv): ExitCode {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? ExitCode.Done : ExitCode.Usage; // it has said what is wrong
  }
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
