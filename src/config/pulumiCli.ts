import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

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

  /** What a command about the stack prints. Rejects with what it says against it. */
  async ask(...args: string[]): Promise<string> {
    try {
      const { stdout } = await run(this.program, [...args, "--stack", this.stack, "--non-interactive"], {
        cwd: this.folder,
        env: this.env,
        maxBuffer: 256 * 1024 * 1024,
      });
      return stdout;
    } catch (error) {
      const { stderr, message } = error as Error & { stderr?: string };
      throw new Error(`pulumi ${args.slice(0, 3).join(" ")}: ${(stderr || message).trim().replace(/^error: /, "")}`);
    }
  }
}
