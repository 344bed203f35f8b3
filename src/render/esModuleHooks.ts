import { existsSync, readFileSync } from "node:fs";
import { createRequire, type LoadHook, type ResolveHook } from "node:module";
import { dirname, join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type * as TypeScript from "typescript";
import { isEsModule } from "../config/programFile";

/*
 * Runs in the thread that node loads ES modules in, once for each folder; its data is what one folder needs.
 */

/** What the hooks are told when they are registered. */
export interface HooksData {
  /** The folder of the program. */
  folder: string;
  /** The path of the TypeScript compiler. @default TypeScript is left to others */
  compiler?: string;
}

/** Compiles the text of a file. */
type Compile = (path: string, text: string) => string;

/** By folder: how its TypeScript is compiled; undefined if it is left to others. */
const folders = new Map<string, Compile | undefined>();

/** How TypeScript beside the programs' folders is compiled: as that of the program that came last. */
let compileOther: Compile | undefined;

/** Called by node when the hooks are registered. */
export function initialize({ folder, compiler }: HooksData): void {
  const compile = compiler === undefined ? folders.get(folder) : compilerOf(folder, compiler);
  folders.set(folder, compile);
  compileOther = compile ?? compileOther;
}

/** Finds the source of a module that is imported by the name of what it is compiled to, as TypeScript wants it. */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  try {
    return anew(await nextResolve(specifier, context), context.parentURL);
  } catch (error) {
    const source = sourceOf(specifier, context.parentURL);
    if (source === undefined || (error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") {
      throw error;
    }
    return anew(await nextResolve(source, context), context.parentURL);
  }
};

/** Compiles TypeScript of a program. */
export const load: LoadHook = async (url, context, nextLoad) => {
  const path = pathOf(url);
  const compile = path === undefined ? undefined : compileFor(path);
  if (path === undefined || compile === undefined) {
    return nextLoad(url, context);
  }
  return {
    format: isEsModule(path) ? "module" : "commonjs",
    source: compile(path, readFileSync(path, "utf8")),
    shortCircuit: true,
  };
};

/** How a file is compiled; undefined for what is no TypeScript, and for what is installed. */
function compileFor(path: string): Compile | undefined {
  if (!/(?<!\.d)\.[mc]?ts$/.test(path) || isInstalled(path)) {
    return undefined;
  }
  const folder = folderOf(path);
  return folder === undefined ? compileOther : folders.get(folder);
}

/** A module that a program imports is loaded as often as the program is. */
function anew<Resolved extends { url: string }>(resolved: Resolved, parentURL: string | undefined): Resolved {
  const time = parentURL?.startsWith("file:") ? new URL(parentURL).searchParams.get("canary") : null;
  const path = pathOf(resolved.url);
  if (time === null || path === undefined || folderOf(path) === undefined) {
    return resolved;
  }
  const url = new URL(resolved.url);
  url.searchParams.set("canary", time);
  return { ...resolved, url: url.href };
}

function sourceOf(specifier: string, parentURL: string | undefined): string | undefined {
  const source = specifier.replace(/\.([mc]?)js$/, ".$1ts");
  if (source === specifier || parentURL === undefined || !/^(\.{0,2}\/|file:)/.test(specifier)) {
    return undefined;
  }
  return existsSync(fileURLToPath(new URL(source, parentURL))) ? source : undefined;
}

function pathOf(url: string): string | undefined {
  return url.startsWith("file:") ? fileURLToPath(url) : undefined;
}

function isInstalled(path: string): boolean {
  return path.includes(`${sep}node_modules${sep}`);
}

/** The folder of the program that a file belongs to; undefined for what is installed, and for what is elsewhere. */
function folderOf(path: string): string | undefined {
  return isInstalled(path) ? undefined : [...folders.keys()].find((folder) => path.startsWith(folder + sep));
}

/** A compiler with the options of a folder's tsconfig.json; which modules it makes is node's to say. */
function compilerOf(folder: string, compiler: string): Compile {
  const ts = createRequire(pathToFileURL(compiler))(compiler) as typeof TypeScript;
  const options = optionsOf(ts, join(folder, "tsconfig.json"));
  // The compiler that Pulumi's SDK brings is an old one, which has fewer targets.
  const newest = (ts.ScriptTarget.ES2022 as TypeScript.ScriptTarget | undefined) ?? ts.ScriptTarget.ESNext;
  // Older targets have no `await` at the top of a module.
  const target = options.target !== undefined && options.target >= ts.ScriptTarget.ES2017 ? options.target : undefined;
  const compilerOptions: TypeScript.CompilerOptions = {
    ...options,
    target: target ?? newest,
    useDefineForClassFields: options.useDefineForClassFields ?? (options.target ?? newest) >= newest,
    moduleResolution: undefined,
    isolatedModules: true,
    noEmit: false,
    declaration: false,
    sourceMap: false,
    inlineSourceMap: true,
    inlineSources: true,
  };
  return (path, text) => {
    const module = isEsModule(path) ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS;
    return ts.transpileModule(text, { fileName: path, compilerOptions: { ...compilerOptions, module } }).outputText;
  };
}

function optionsOf(ts: typeof TypeScript, tsconfig: string): TypeScript.CompilerOptions {
  if (!existsSync(tsconfig)) {
    return {};
  }
  const { config } = ts.readConfigFile(tsconfig, (path) => readFileSync(path, "utf8")) as { config?: unknown };
  const host = { ...ts.sys, readDirectory: () => [] }; // the program says which files it needs
  return ts.parseJsonConfigFileContent(config ?? {}, host, dirname(tsconfig)).options;
}
