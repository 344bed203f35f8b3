import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PROJECT_ROOT } from "../stackConfig";
import type { CompiledCommand } from "../support/compiledCommand";

/** A Pulumi project in a folder of its own, with this repository's packages and the stack `dev`. */
export class ProgramProject {
  readonly folder = mkdtempSync(join(tmpdir(), "canary-program-"));

  /** @param files The project's files, by path; `Pulumi.yaml` and an empty config for `dev` where they are not given. */
  constructor(files: Readonly<Record<string, string>>) {
    const all = { "Pulumi.yaml": "name: shop\nruntime: nodejs\n", "Pulumi.dev.yaml": "config: {}\n", ...files };
    symlinkSync(join(PROJECT_ROOT, "node_modules"), join(this.folder, "node_modules"));
    for (const [path, content] of Object.entries(all)) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      writeFileSync(join(this.folder, path), content);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** How a process of the command ended. */
export interface RenderEnd {
  code: number;
  stdout: string;
  stderr: string;
}

/** Calls `canary render` on a project in a process of its own. */
export function renderProcess(
  command: CompiledCommand,
  { folder }: ProgramProject,
  ...args: string[]
): Promise<RenderEnd> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [command.path("src/cli/main"), "render", "--stack", "dev", "--cwd", folder, ...args],
      { env: { PATH: process.env.PATH, HOME: process.env.HOME } },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}
