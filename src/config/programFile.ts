import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";

/** The parts of a package.json that say what it is loaded by. */
interface PackageFile {
  main?: string;
  type?: string;
  exports?: unknown;
}

/** A folder's package.json; without any field if there is none. */
function packageOf(folder: string): PackageFile {
  const path = join(folder, "package.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as PackageFile) : {};
}

/**
 * The file of a project's program, as node would find it: `main` of Pulumi.yaml (a file or a folder), else that of
 * package.json, else index. Undefined if that takes more than looking at names.
 */
export function programFile(folder: string, main: string | undefined): string | undefined {
  const { main: ofPackage, exports } = packageOf(folder);
  if (exports !== undefined && main === undefined) {
    return undefined;
  }
  return fileAt(folder, main ?? ofPackage ?? ".");
}

/**
 * The file that Pulumi starts a project's program with: as {@link programFile}, or the one that `exports` of
 * package.json name for the package itself. Undefined if there is no such file.
 */
export function entryFile(folder: string, main: string | undefined): string | undefined {
  const { exports } = packageOf(folder);
  const entry = main === undefined ? entryOf(exports) : undefined;
  return (entry === undefined ? undefined : fileAt(folder, entry)) ?? programFile(folder, main) ?? fileAt(folder, ".");
}

/** What `exports` name for the package itself, by the conditions that Pulumi looks at, in its order. */
function entryOf(exports: unknown): string | undefined {
  const own = typeof exports === "object" && exports !== null ? (exports as Record<string, unknown>)["."] : exports;
  const {
    default: any,
    require: commonJs,
    import: esModule,
  } = (typeof own === "object" && own !== null ? own : {}) as {
    [condition: string]: unknown;
  };
  return [own, any, commonJs, esModule].find((entry) => typeof entry === "string");
}

function fileAt(folder: string, name: string): string | undefined {
  const given = resolve(folder, name);
  const endings = packageOf(folder).type === "module" ? [".js", ".mjs", ".ts", ".mts"] : [".js", ".ts"];
  const candidates = isFolder(given)
    ? endings.map((ending) => join(given, `index${ending}`))
    : [given, ...endings.map((ending) => `${given}${ending}`)];
  return candidates.find((path) => existsSync(path) && !isFolder(path));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Whether node takes a file for an ES module, by its ending or by the package.json that is nearest above it. */
export function isEsModule(file: string): boolean {
  const ending = extname(file);
  return (
    [".mjs", ".mts"].includes(ending) || (![".cjs", ".cts"].includes(ending) && typeAbove(dirname(file)) === "module")
  );
}

function typeAbove(folder: string): string | undefined {
  return existsSync(join(folder, "package.json")) || dirname(folder) === folder
    ? packageOf(folder).type
    : typeAbove(dirname(folder));
}
