import { CommanderError } from "commander";
import { ExitCode } from "./exitCodes";
import { createProgram } from "./program";
import { Session } from "./session";
import type { Terminal } from "./terminal";

/** Runs one call of the command; gives its exit code. */
export async function run(args: readonly string[], terminal: Terminal, env: NodeJS.ProcessEnv): Promise<ExitCode> {
  const session = new Session(terminal, env);
  const program = createProgram(session, args);
  try {
    if (args.length === 0) {
      program.outputHelp();
      return ExitCode.Usage;
    }
    await program.parseAsync(args, { from: "user" });
    return session.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? ExitCode.Done : ExitCode.Usage; // it has said what is wrong
    }
    const { exitCodeOf } = require("./exitCodeOf") as typeof import("./exitCodeOf"); // it knows all that can go wrong
    return exitCodeOf(error, terminal, env);
  }
}
