import { join } from "node:path";
import type { Progress } from "../progress";
import { buildGo, goInputs } from "./go";
import type { GoProgram } from "./goProgram";
import type { Platform } from "./platform";

/** How a tool is made. */
export interface Recipe {
  version: string;
  /** Everything that the result depends on. */
  inputs: readonly string[];
  /** What the tool's `path` is, in its folder; "" if the folder itself is the tool. */
  program: string;
  /** The Go build behind it, if there is one. */
  go?: GoProgram;
  make(folder: string, progress: Progress): Promise<void>;
}

/** A step after the compiler's, which is an input too. */
export interface Finish {
  also: string;
  make(folder: string, progress: Progress): Promise<void>;
}

/** The folder of the sandbox's own Go modules. */
export const MODULES = join(__dirname, "..", "go");

/** How a Go program is made. */
export function goTool(platform: Platform, version: string, go: GoProgram, finish?: Finish): Recipe {
  return {
    version,
    go,
    inputs: [...goInputs(go, platform), ...(finish ? [finish.also] : [])],
    program: go.package === "." ? go.name : go.package.slice(go.package.lastIndexOf("/") + 1),
    async make(folder, progress) {
      await buildGo(go, platform, folder, progress);
      await finish?.make(folder, progress);
    },
  };
}
