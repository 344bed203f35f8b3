import { join } from "node:path";
import { ProgramNotFoundError, runProgram } from "../internal/runProgram";
import { withInstallHint } from "../internal/pulumiSdk/missingCli";

/** A stack's state may be large. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Pulumi's CLI, for what is asked of a stack beside its `up`s. */
export class PulumiCli {
  private readonly program: string;

  /**
   * @param folder The project's folder.
   * @param root The folder in whose `bin` the CLI is; as PATH says without it.
   */
  constructor(
    private readonly folder: string,
    private readonly stack: string,
    private readonly env: NodeJS.ProcessEnv,
    root?: string,
  ) {
    this.program = root === undefined ? "pulumi" : join(root, "bin", "pulumi");
  }

  /**
   * What a command about the stack prints.
   *
   * @throws ProgramError with what Pulumi says against it
   * @throws Error that says what to do if there is no CLI
   */
  async ask(...args: string[]): Promise<string> {
    const { stdout } = await runProgram(this.program, [...args, "--stack", this.stack, "--non-interactive"], {
      cwd: this.folder,
      env: this.env,
      maxBytes: MAX_BYTES,
    }).catch((error: Error) => {
      throw error instanceof ProgramNotFoundError ? withInstallHint(error) : error;
    });
    return stdout;
  }
}
