import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, sep } from "node:path";
import { isEsModule } from "../config/programFile";
import type { ProgramSettings } from "../config/project";
import { typeScriptModules } from "../internal/pulumiSdk/typeScript";
import { compileEsModules, importFrom, importProgram, registerLoader } from "./esModules";
import { readNodeArguments } from "./nodeArguments";

/** Projects whose loader is in place; one is enough for the process. */
const prepared = new Set<string>();

/**
 * Has this process load a project's program as Pulumi would: by what its `nodeargs` name, else by the TypeScript that
 * is installed.
 *
 * @param folder The project's folder.
 * @param file The program's file.
 * @throws Error if the program is not one of Node.js, or has a Pulumi SDK of its own, which would not tell us what it
 *   registers.
 */
export async function prepareLoader(folder: string, file: string, runtime: ProgramSettings["runtime"]): Promise<void> {
  const { name, options = {} } = typeof runtime === "string" ? { name: runtime } : (runtime ?? {});
  if (name !== undefined && name !== "nodejs") {
    throw new Error(
      `the program of ${folder} runs on ${name}; only programs of Node.js can be rendered without the engine`,
    );
  }
  const from = createRequire(join(folder, "package.json"));
  checkSdk(folder, from);
  if (prepared.has(folder)) {
    return;
  }
  prepared.add(folder);
  const { required, imported, loaders } = readNodeArguments(options.nodeargs);
  required.forEach((module) => from(module));
  loaders.forEach((module) => registerLoader(from.resolve(module)));
  for (const module of imported) {
    await importFrom(from.resolve(module));
  }
  const isLoadedByOthers = loaders.length > 0 || imported.length > 0;
  if (options.typescript === false || isLoadedByOthers) {
    return;
  }
  if (/\.m?ts$/.test(file) && isEsModule(file)) {
    compileEsModules(folder);
  } else if (!require.extensions[".ts"]) {
    registerTypeScript(folder);
  }
}

/** Two copies of the SDK in one process know nothing of each other. A program that finds none says so itself. */
function checkSdk(folder: string, from: NodeRequire): void {
  const [theirs, ours] = [sdkOf(from), sdkOf(require)];
  if (theirs !== undefined && ours !== undefined && theirs !== ours) {
    const version = (file: string) => (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
    throw new Error(
      `the program of ${folder} has @pulumi/pulumi ${version(theirs)} of its own, beside ${version(ours)} of canary-app: install canary-app in the program's own node_modules`,
    );
  }
}

function sdkOf(from: NodeRequire): string | undefined {
  try {
    return from.resolve("@pulumi/pulumi/package.json");
  } catch {
    return undefined;
  }
}

function registerTypeScript(folder: string): void {
  const { tsNode, compiler } = typeScriptModules();
  const project = join(folder, "tsconfig.json");
  // Without a type check: that is the compiler's business, and a rendering is asked for what the program does.
  const options = {
    compiler,
    transpileOnly: true,
    project,
    skipProject: !existsSync(project),
    compilerOptions: { module: "commonjs", moduleResolution: "node" },
  };
  tsNode.register(options);
}

/**
 * Loads a program as if for the first time: a program works while it is loaded, and modules are loaded once. What it
 * exports is its outputs, or the function that gives them.
 */
export async function runAnew(folder: string, file: string): Promise<unknown> {
  const isOfProgram = (path: string) =>
    path.startsWith(folder + sep) &&
    !path.includes(`${sep}node_modules${sep}`) &&
    !path.startsWith(join(__dirname, sep));
  Object.keys(require.cache)
    .filter(isOfProgram)
    .forEach((path) => delete require.cache[path]);
  const exported: unknown = isEsModule(file) ? await importProgram(folder, file) : require(file);
  return typeof exported === "function" ? (exported as () => unknown)() : exported;
}
