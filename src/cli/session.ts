import { resolve } from "node:path";
import type { Command } from "commander";
import { withInstallHint } from "../internal/pulumiSdk/missingCli";
import { ProgramNotFoundError, runProgram } from "../internal/runProgram";
import type { AppSelection } from "../rollout/plan/appState";
import type { StackReference } from "../rollout/runner/stackContext";
import { UsageError } from "./errors";
import { ExitCode } from "./exitCodes";
import { type Paint, paint, type Terminal } from "./terminal";

/** The options of every command. */
export interface GlobalOptions {
  stack?: string;
  cwd?: string;
  json?: boolean;
  yes?: boolean;
  verbose?: boolean;
  color: boolean;
  configPrefix?: string;
}

/** One call of the command: its terminal, and how it ends. */
export class Session {
  exitCode: ExitCode = ExitCode.Done;

  constructor(
    readonly terminal: Terminal,
    readonly env: NodeJS.ProcessEnv,
  ) {}

  get paint(): Paint {
    return paint(this.terminal);
  }

  /** The options of a command, its own and those of all; and the stack they mean. */
  async call<T>(
    command: Command,
  ): Promise<{ options: T & GlobalOptions; reference: StackReference; appSelection?: AppSelection }> {
    const options = command.optsWithGlobals<T & GlobalOptions>();
    this.terminal.colours &&= options.color;
    const workDir = resolve(options.cwd ?? ".");
    const { configPrefix, verbose } = options;
    const env = verbose === true ? { ...this.env, CANARY_VERBOSE: "1" } : this.env;
    return {
      options,
      reference: { workDir, stack: await this.stackOf(options, workDir), env },
      appSelection: configPrefix === undefined ? undefined : { prefix: configPrefix },
    };
  }

  /** Prints one value as JSON. */
  json(value: unknown): void {
    this.terminal.out(`${JSON.stringify(value)}\n`);
  }

  /** Prints a line for people. */
  line(text = ""): void {
    this.terminal.out(`${text}\n`);
  }

  /** Prints the result of a call: as JSON if that is asked for, otherwise as a line for people. */
  answer({ json }: Pick<GlobalOptions, "json">, value: unknown, line: string): void {
    if (json === true) {
      this.json(value);
    } else {
      this.line(line);
    }
  }

  /**
   * Asks a person to confirm something that moves traffic.
   *
   * @throws UsageError if nobody can be asked, and the call has no `--yes`
   */
  async confirm(what: string, { yes, json }: Pick<GlobalOptions, "yes" | "json">): Promise<boolean> {
    if (yes === true) {
      return true;
    }
    if (!this.terminal.isInteractive || json === true) {
      throw new UsageError(`Refusing to ${what} without confirmation: not interactive. Re-run with --yes.`);
    }
    const answer = await this.terminal.ask(`This will ${what}. Continue? [y/N] `);
    return /^y(es)?$/i.test(answer?.trim() ?? "");
  }

  private async stackOf({ stack }: GlobalOptions, workDir: string): Promise<string> {
    const named = stack ?? (this.env.PULUMI_STACK || undefined);
    if (named !== undefined) {
      return named;
    }
    try {
      const { stdout } = await runProgram("pulumi", ["stack", "--show-name", "--non-interactive"], {
        cwd: workDir,
        env: this.env,
      });
      return stdout.trim();
    } catch (error) {
      if (error instanceof ProgramNotFoundError) {
        throw new UsageError(
          `No stack given, and Pulumi cannot be asked for the selected one: ${withInstallHint(error).message}. Or name the stack with --stack or PULUMI_STACK.`,
        );
      }
      throw new UsageError(
        `No stack given, and none is selected in Pulumi (${(error as Error).message}). Set one with --stack, PULUMI_STACK or \`pulumi stack select\`.`,
      );
    }
  }
}
