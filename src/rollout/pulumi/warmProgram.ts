import { extname } from "node:path";
import { isEsModule, programFile } from "../../config/programFile";
import type { ProgramSettings } from "../../config/project";

/** A program that can be kept loaded between two `up`s. */
export interface WarmProgram {
  /** Its file. */
  main: string;
  /** What node gets before it. */
  nodeArguments: string[];
}

/**
 * How a project's program can be kept loaded; undefined if it has to be started anew for each `up`: because it is not
 * for node, because it consists of ES modules, which node never loads twice, or because Pulumi compiles its TypeScript
 * itself.
 */
export function warmProgramOf(folder: string, { runtime, main }: ProgramSettings): WarmProgram | undefined {
  const { name, options = {} } = typeof runtime === "object" ? runtime : { name: runtime };
  if (name !== "nodejs") {
    return undefined;
  }
  const nodeArguments =
    typeof options.nodeargs === "string" ? options.nodeargs.split(/\s+/).filter((each) => each !== "") : [];
  const file = programFile(folder, main);
  if (
    file === undefined ||
    isEsModule(file) ||
    nodeArguments.some((argument) => /^--(import|loader|experimental-loader)\b/.test(argument))
  ) {
    return undefined;
  }
  const isTypeScript = extname(file) === ".ts";
  return isTypeScript && options.typescript !== false ? undefined : { main: file, nodeArguments };
}
