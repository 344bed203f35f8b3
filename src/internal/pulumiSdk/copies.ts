import { createRequire } from "node:module";
import { join } from "node:path";

/**
 * `require` for the copy of Pulumi's SDK that a project's program gets: what it registers has to reach the engine that
 * this one talks to. Where the program finds none, ours. All parts come from one copy, whatever it lacks.
 */
export function sdkOfProgram(folder: string): NodeJS.Require {
  const theirs = createRequire(join(folder, "package.json"));
  try {
    theirs.resolve("@pulumi/pulumi/package.json");
    return theirs;
  } catch {
    return require;
  }
}
