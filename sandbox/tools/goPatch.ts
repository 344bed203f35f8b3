import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./command";
import { ToolError } from "./errors";

/** A required module that does not compile, or lacks files, as published, and how a copy of it is changed. */
export interface ModulePatch {
  /** The module's path. */
  module: string;
  /** The change in words: an input of the program. */
  change: string;
  /** Changes the copy in `folder`. */
  apply(folder: string): void;
}

/**
 * Creates the changed copy of the module in `scratch`, and beside it a go.mod that replaces the module by the copy. Go
 * has already verified the module's checksum before it is copied.
 * @param program whose requirements name the module; `module` is their folder
 * @param env the environment of its build
 * @returns the path of the go.mod, for `-modfile`
 * @throws ToolError if the module cannot be fetched
 */
export async function patchedRequirements(
  program: { name: string; module: string; requirements?: string },
  patch: ModulePatch,
  env: NodeJS.ProcessEnv,
  scratch: string,
): Promise<string> {
  const answer = await runCommand(`fetching ${patch.module}`, ["go", "mod", "download", "-json", patch.module], {
    cwd: program.module,
    env,
  });
  const { Dir: published } = JSON.parse(answer) as { Dir: string };
  const copy = join(scratch, "patched");
  cpSync(published, copy, { recursive: true });
  // The module cache is read-only, and so is its copy.
  await runCommand(`copying ${patch.module}`, ["chmod", "-R", "u+w", copy]);
  patch.apply(copy);
  const requirements = join(program.module, program.requirements ?? "go.mod");
  const file = join(scratch, "patched.mod");
  writeFileSync(file, `${readFileSync(requirements, "utf8")}\nreplace ${patch.module} => ${copy}\n`);
  cpSync(requirements.replace(/mod$/, "sum"), file.replace(/mod$/, "sum"));
  return file;
}

/**
 * Replaces a text that occurs in a file once.
 * @throws ToolError if it does not occur: the module is another one than the patch was made for
 */
export function replaceOnce(file: string, text: string, by: string): void {
  const parts = readFileSync(file, "utf8").split(text);
  if (parts.length !== 2) {
    throw new ToolError(`${file} has "${text}" ${parts.length - 1} times, not once: the patch is for another version.`);
  }
  writeFileSync(file, parts.join(by));
}
