import { mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Progress } from "../progress";
import { findProgram, runCommand } from "./command";
import { InterruptedError, ToolError } from "./errors";
import type { Platform } from "./platform";

/** The programs that download and extract packages. */
const APT = ["apt-get", "apt-cache", "dpkg-deb"];

/**
 * What is never included as a dependency: the C library, which must match the system's dynamic linker, and packages
 * that are needed only for installing.
 */
const LEFT_TO_THE_SYSTEM = new Set(["libc6", "dpkg", "tar", "debconf"]);

/** Whether packages can be downloaded and extracted here. */
export function hasDebianPackages(): boolean {
  return APT.every((program) => findProgram(program));
}

/**
 * The packages and all their dependencies except the C library: what has to be extracted for their programs to run
 * whatever else is installed. apt itself resolves this, as for a system on which nothing is installed.
 * @throws ToolError if a package is not available
 */
export async function withDependencies(packages: readonly string[], progress: Progress): Promise<string[]> {
  const missing = await missingPackages(packages);
  if (missing.length > 0) await updateLists(missing, progress);
  const plan = await runCommand(
    "asking apt for dependencies",
    [
      "apt-get",
      "--simulate",
      "--no-install-recommends",
      "-o",
      "Dir::State::status=/dev/null",
      // The system's own cache of installed packages is kept, and its log does not record a plan that is never carried
      // out.
      "-o",
      "Dir::Cache::pkgcache=",
      "-o",
      "Dir::Log::Planner=/dev/null",
      "install",
      ...packages,
    ],
    { env: { ...process.env, LC_ALL: "C" } },
  );
  const names = plan.split("\n").flatMap((line) => /^Inst (\S+)/.exec(line)?.[1] ?? []);
  return names.filter((name) => !LEFT_TO_THE_SYSTEM.has(name));
}

/**
 * The folders of the libraries of extracted packages, in the form of LD_LIBRARY_PATH. `root` is what `extractPackages`
 * was given.
 */
export function extractedLibraries(root: string, platform: Platform): string {
  return ["usr/lib", "lib"].map((folder) => join(root, folder, platform.libraryFolder)).join(delimiter);
}

/** The release of this system, e.g. "debian-12", which determines the versions of its packages. */
export function debianRelease(file = "/etc/os-release"): string {
  const fields = new Map(
    readFileSync(file, "utf8")
      .split("\n")
      .map((line) => /^(\w+)="?([^"]*)"?$/.exec(line))
      .filter((match) => match !== null)
      .map((match) => [match[1], match[2]]),
  );
  return `${fields.get("ID") ?? "linux"}-${fields.get("VERSION_ID") ?? fields.get("VERSION_CODENAME") ?? "rolling"}`;
}

/**
 * Downloads packages and extracts them into `root`, without installing anything: no file outside changes, no service
 * starts, and other installed versions stay. Their install scripts are not run.
 * @throws ToolError if a package is not available
 */
export async function extractPackages(packages: readonly string[], root: string, progress: Progress): Promise<void> {
  const downloads = `${root}.debs`;
  mkdirSync(downloads, { recursive: true });
  mkdirSync(root, { recursive: true });
  const missing = await missingPackages(packages);
  if (missing.length > 0) await updateLists(missing, progress);
  try {
    await download(packages, downloads, progress);
  } catch (error) {
    // Old lists name versions that the servers no longer have.
    if (missing.length > 0 || error instanceof InterruptedError || !isRoot()) throw error;
    await updateLists(packages, progress);
    await download(packages, downloads, progress);
  }
  for (const file of readdirSync(downloads)
    .filter((name) => name.endsWith(".deb"))
    .sort()) {
    await runCommand(`unpacking ${file}`, ["dpkg-deb", "--extract", join(downloads, file), root]);
  }
  rmSync(downloads, { recursive: true });
}

async function download(packages: readonly string[], folder: string, progress: Progress): Promise<void> {
  const step = progress.step(`downloading ${packages.length} Debian packages`);
  try {
    // As root, apt would switch to a user who may not write here, and complain.
    await runCommand(
      "downloading Debian packages",
      ["apt-get", "--quiet", "-o", "APT::Sandbox::User=root", "download", ...packages],
      {
        cwd: folder,
        onOutputLine: (line) => {
          const got = /^Get:(\d+) \S+ \S+ \S+ (\S+)/.exec(line);
          if (got) step.update(Number(got[1]) - 1, packages.length, got[2]);
        },
      },
    );
    step.done();
  } catch (error) {
    step.failed();
    throw error;
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

async function updateLists(packages: readonly string[], progress: Progress): Promise<void> {
  if (!isRoot()) {
    throw new ToolError(
      `No package source has ${packages.join(", ")}. Run \`apt-get update\` as root, then try again.`,
    );
  }
  const step = progress.step("updating Debian's package lists");
  try {
    await runCommand("updating Debian's package lists", ["apt-get", "--quiet", "update"]);
    step.done();
  } catch (error) {
    step.failed();
    throw error;
  }
  const missing = await missingPackages(packages);
  if (missing.length > 0) throw new ToolError(`This system's package sources do not have ${missing.join(", ")}.`);
}

/** The packages of which apt knows no version. */
async function missingPackages(packages: readonly string[]): Promise<string[]> {
  const env = { ...process.env, LC_ALL: "C" };
  const policy = await runCommand("asking apt for packages", ["apt-cache", "policy", ...packages], { env });
  const there = new Set<string>();
  let name = "";
  for (const line of policy.split("\n")) {
    name = /^(\S+?)(?::\w+)?:$/.exec(line)?.[1] ?? name;
    if (/^ {2}Candidate: (?!\(none\))/.test(line)) there.add(name);
  }
  return packages.filter((p) => !there.has(p));
}
