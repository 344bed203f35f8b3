import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { PROJECT_ROOT } from "../../demo/programStack";
import { userCache } from "../../sandbox/userFolders";
import { runChild } from "../run/child";
import type { Write } from "../run/output";
import type { SdkSet } from "./sdkSet";

/** Where packages of other versions are kept, separate from the repository's own. */
const CACHE = join(userCache(), "canary-app", "sdks");

/** A copy of the repository whose modules resolve to other SDKs. */
export interface Copy {
  root: string;
  /** The node that runs its tests. */
  node: string;
  remove(): void;
}

/**
 * Copies the repository with its uncommitted changes, next to the packages of a set, which are installed once for each
 * manifest.
 * @throws Error with npm's output if they cannot be installed
 */
export async function copyWith(set: SdkSet, write: Write): Promise<Copy> {
  const installed = await install(set, write);
  const root = fs.mkdtempSync(join(installed, "copy-"));
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: PROJECT_ROOT,
    encoding: "utf8",
  });
  for (const file of listed.split("\0").filter((each) => each !== "" && fs.existsSync(join(PROJECT_ROOT, each)))) {
    fs.cpSync(join(PROJECT_ROOT, file), join(root, file));
  }
  // Node resolves links: modules of the copy find the packages, and packages find each other.
  fs.symlinkSync(join(installed, "node_modules"), join(root, "node_modules"));
  // `npm run setup` would install package.json's own versions if these were older than the copy's lock file.
  const before = fs.statSync(join(installed, "node_modules/.package-lock.json")).mtimeMs / 1000 - 1;
  fs.utimesSync(join(root, "package-lock.json"), before, before);
  const node = set.node === undefined ? process.execPath : join(installed, "node_modules", set.node, "bin/node");
  return { root, node, remove: () => fs.rmSync(root, { recursive: true, force: true }) };
}

/** The folder that has the set's packages. */
async function install(set: SdkSet, write: Write): Promise<string> {
  const manifest = manifestWith(set);
  const lock = fs.readFileSync(join(PROJECT_ROOT, "package-lock.json"));
  const folder = join(CACHE, createHash("sha256").update(manifest).update(lock).digest("hex").slice(0, 16));
  if (fs.existsSync(folder)) {
    return folder;
  }
  fs.mkdirSync(dirname(folder), { recursive: true });
  const part = fs.mkdtempSync(`${folder}.part-`); // so that an installation is either complete or missing
  try {
    fs.writeFileSync(join(part, "package.json"), manifest);
    fs.writeFileSync(join(part, "package-lock.json"), lock);
    fs.cpSync(join(PROJECT_ROOT, ".npmrc"), join(part, ".npmrc"));
    write(`installing ${set.name}\n`);
    const { status, error } = await runChild("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], write, {
      cwd: part,
    });
    if (status !== 0) {
      const ended = error?.message ?? `it ended with ${status}`;
      throw new Error(`npm could not install the ${set.name} SDKs (${ended}): its output says why`);
    }
    fs.renameSync(part, folder);
  } catch (error) {
    fs.rmSync(part, { recursive: true, force: true });
    if (!fs.existsSync(folder)) {
      // another run was faster
      throw error;
    }
  }
  return folder;
}

/** package.json with the set's versions, and without scripts that npm would run. */
function manifestWith({ packages }: SdkSet): string {
  const { name, version, dependencies, devDependencies, overrides } = JSON.parse(
    fs.readFileSync(join(PROJECT_ROOT, "package.json"), "utf8"),
  );
  const all = { ...devDependencies, ...packages };
  return JSON.stringify({ name, version, private: true, dependencies, devDependencies: all, overrides }, undefined, 2);
}
