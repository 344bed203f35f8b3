import { realpathSync } from "node:fs";
import { register } from "node:module";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { typeScriptCompiler } from "../internal/pulumiSdk/typeScript";
import type { HooksData } from "./esModuleHooks";

/** `import()` itself: compiled to CommonJS, it would become a `require`, which refuses modules with a top-level await. */
const nativeImport = new Function("url", "return import(url)") as (url: string) => Promise<Record<string, unknown>>;

/** Imports the file of a module. */
export function importFrom(path: string): Promise<Record<string, unknown>> {
  return nativeImport(pathToFileURL(path).href);
}

/** Has a file with hooks of node's own take part in the loading of ES modules. */
export function registerLoader(path: string): void {
  register(pathToFileURL(path));
}

const HOOKS = join(__dirname, `esModuleHooks${extname(__filename)}`);

/** Folders whose ES modules go through our hooks. */
const hooked = new Set<string>();

/**
 * Has the TypeScript of a folder's ES modules compiled, without a type check, whether node could do it itself or not.
 */
export function compileEsModules(folder: string): void {
  hook({ folder: realpathSync(folder), compiler: typeScriptCompiler() });
}

function hook(data: HooksData): void {
  if (!hooked.has(data.folder)) {
    hooked.add(data.folder);
    process.setSourceMapsEnabled(true);
    register(pathToFileURL(HOOKS), { data });
  }
}

/** How often each program was imported. */
const times = new Map<string, number>();

/**
 * Imports a program, however often it was imported before.
 *
 * @returns What it exports: the default, or all by name.
 */
export async function importProgram(folder: string, file: string): Promise<unknown> {
  const before = times.get(file) ?? 0;
  times.set(file, before + 1);
  const url = pathToFileURL(realpathSync(file));
  if (before > 0) {
    hook({ folder: realpathSync(folder) });
    url.searchParams.set("canary", String(before)); // node loads a URL once; our hooks hand it on to what it imports
  }
  const exported = await nativeImport(url.href);
  return Object.hasOwn(exported, "default") ? exported.default : exported;
}
