import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

/** The parts of a package.json that say what it is loaded by. */
export interface PackageFile {
  main?: string;
  type?: string;
  exports?: unknown;
}

/** A folder's package.json; without any field if there is none. */
export function packageOf(folder: string): PackageFile {
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
  const given = resolve(folder, main ?? ofPackage ?? ".");
  const candidates = isFolder(given)
    ? ["index.js", "index.ts"].map((name) => join(given, name))
    : [given, `${given}.js`, `${given}.ts`];
  return candidates.find((path) => existsSync(path) && !isFolder(path));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
