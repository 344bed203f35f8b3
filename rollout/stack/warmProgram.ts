import { existsSync, readFileSync, statSync } from "node:fs";
import { extname, join, resolve } from "node:path";

/** What of a Pulumi.yaml says how its program is run. */
export interface RuntimeSettings {
  runtime?: string | { name?: string; options?: { typescript?: unknown; nodeargs?: unknown } };
  main?: string;
}

/** A program that can be kept loaded between two `up`s. */
export interface WarmProgram {
  /** Its file. */
  main: string;
  /** What node gets before it. */
  nodeArguments: string[];
}

/**
 * How a project's program can be kept loaded; undefined if it has to be started anew for each `up`: because it is not for node,
 * because it consists of ES modules, which node never loads twice, or because Pulumi compiles its TypeScript itself.
 */
export function warmProgramOf(folder: string, { runtime, main }: RuntimeSettings): WarmProgram | undefined {
  const { name, options = {} } = typeof runtime === "object" ? runtime : { name: runtime };
  if (name !== "nodejs") {
    return undefined;
  }
  const nodeArguments = typeof options.nodeargs === "string" ? options.nodeargs.split(/\s+/).filter((each) => each !== "") : [];
  const file = fileOf(folder, main);
  if (file === undefined || isModule(folder, file) || nodeArguments.some((argument) => /^--(import|loader|experimental-loader)\b/.test(argument))) {
    return undefined;
  }
  const isTypeScript = extname(file) === ".ts";
  return isTypeScript && options.typescript !== false ? undefined : { main: file, nodeArguments };
}

/** The file that node would load; undefined if that takes more than looking at names. */
function fileOf(folder: string, main: string | undefined): string | undefined {
  const given = resolve(folder, main ?? packageOf(folder).main ?? ".");
  const candidates = isFolder(given) ? ["index.js", "index.ts"].map((name) => join(given, name)) : [given, `${given}.js`, `${given}.ts`];
  return packageOf(folder).exports !== undefined && main === undefined ? undefined : candidates.find((path) => existsSync(path) && !isFolder(path));
}

function isModule(folder: string, file: string): boolean {
  return [".mjs", ".mts"].includes(extname(file)) || (packageOf(folder).type === "module" && ![".cjs", ".cts"].includes(extname(file)));
}

function packageOf(folder: string): { main?: string; type?: string; exports?: unknown } {
  const path = join(folder, "package.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as { main?: string; type?: string; exports?: unknown }) : {};
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
