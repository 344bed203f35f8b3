import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, join, relative } from "node:path";
import type { Progress } from "../progress";
import { runCommand } from "./command";
import { requireGo } from "./goCommand";
import { patchedRequirements } from "./goPatch";
import { type GoProgram, requirementsOf } from "./goProgram";
import type { Platform } from "./platform";

/** The linker's work at the end, as a share of all sources: a measured estimate, used only for progress. */
const LINK_SHARE = 0.05;

/** Everything that a build's result depends on: sources, requirements, flags, processor. */
export function goInputs(program: GoProgram, platform: Platform): string[] {
  const sources = goSources(program).map((file) => {
    const digest = createHash("sha256").update(readFileSync(file)).digest("hex");
    return `${relative(program.module, file)} ${digest}`;
  });
  return [
    ...sources,
    program.package,
    ...buildFlags(program),
    ...(program.patch ? [program.patch.change] : []),
    platform.goarch,
  ];
}

/**
 * Builds a program into `folder`, named after the last part of its import path.
 * @throws ToolError if Go is missing or too old, if modules cannot be fetched, or if the compiler fails
 */
export async function buildGo(
  program: GoProgram,
  platform: Platform,
  folder: string,
  progress: Progress,
): Promise<void> {
  const env = goEnvironment(program, await requireGo(program), platform);
  // Inside the folder, so that the remains of a killed build are removed with it.
  const scratch = join(folder, ".go-build");
  mkdirSync(scratch);
  env.GOTMPDIR = scratch;
  if (program.patch)
    env.GOFLAGS = `-mod=readonly -modfile=${await patchedRequirements(program, program.patch, env, scratch)}`;
  const plan = await planBuild(program, env, progress);
  const step = progress.step(`building ${program.name}`);
  try {
    const whole = plan.work + plan.link;
    let done = 0;
    let packages = 0;
    await runCommand(
      `building ${program.name}`,
      ["go", "build", "-v", ...buildFlags(program), "-o", `${folder}/`, program.package],
      {
        cwd: program.module,
        env,
        onErrorLine: (line) => {
          const weight = plan.stale.get(line);
          if (weight === undefined) return;
          packages += 1;
          // The compiler prints a package's name when it starts with it.
          const last = packages === plan.stale.size;
          // A share means little if hardly anything has to be compiled: a total of 0 shows none.
          step.update(
            done,
            plan.work < plan.link ? 0 : whole,
            last ? "linking" : `package ${count(packages)} of ${count(plan.stale.size)}`,
          );
          done += weight;
        },
      },
    );
    step.done(plan.stale.size === 1 ? "1 package" : `${count(plan.stale.size)} packages`);
  } catch (error) {
    step.failed();
    throw error;
  }
  rmSync(scratch, { recursive: true, force: true });
}

/**
 * Fetches the modules that a program's build will need, in the background and without output. If anything fails here,
 * the build meets the same error and reports it.
 */
export async function prefetchModules(program: GoProgram, platform: Platform): Promise<void> {
  try {
    const env = goEnvironment(program, await requireGo(program), platform);
    await runCommand(
      `fetching the modules of ${program.name}`,
      ["go", "list", "-deps", ...buildFlags(program), program.package],
      {
        cwd: program.module,
        env,
        onOutputLine: () => {},
      },
    );
  } catch {
    // See above.
  }
}

/** The folder of a required module's sources; an earlier build has fetched them. */
export async function moduleFolder(program: GoProgram, platform: Platform, module: string): Promise<string> {
  const env = goEnvironment(program, await requireGo(program), platform);
  return runCommand(`looking for ${module}`, ["go", "list", "-m", "-f", "{{.Dir}}", module], {
    cwd: program.module,
    env,
  });
}

/** What has to be compiled: the packages, weighted by the bytes of their sources, and the linker's share. */
interface BuildPlan {
  stale: Map<string, number>;
  work: number;
  link: number;
}

/** Asks Go which packages are not in the build cache; this also fetches missing modules. */
async function planBuild(program: GoProgram, env: NodeJS.ProcessEnv, progress: Progress): Promise<BuildPlan> {
  const step = progress.step(`fetching the Go modules of ${program.name}`);
  const plan: BuildPlan = { stale: new Map(), work: 0, link: 0 };
  let fetched = 0;
  const missing = await missingModules(program, env);
  const format = '{{.Stale}}\t{{.ImportPath}}\t{{.Dir}}\t{{join .GoFiles "\t"}}';
  try {
    await runCommand(
      `fetching the Go modules of ${program.name}`,
      ["go", "list", "-deps", ...buildFlags(program), "-f", format, program.package],
      {
        cwd: program.module,
        env,
        onErrorLine: (line) => {
          const module = /^go: downloading (\S+)/.exec(line)?.[1];
          if (module) step.update(fetched++, Math.max(missing, fetched), module);
        },
        onOutputLine: (line) => {
          const [stale, name, folder, ...files] = line.split("\t");
          const weight = files.reduce((sum, file) => sum + sizeOf(join(folder, file)), 0);
          plan.link += weight * LINK_SHARE;
          if (stale !== "true") return;
          plan.stale.set(name, weight);
          plan.work += weight;
        },
      },
    );
    step.done(fetched === 0 ? "all there" : fetched === 1 ? "1 module" : `${count(fetched)} modules`);
  } catch (error) {
    step.failed();
    throw error;
  }
  return plan;
}

/**
 * The maximum number of modules that have to be fetched: those in go.sum that are missing; some of them are only for
 * tests.
 */
async function missingModules(program: GoProgram, env: NodeJS.ProcessEnv): Promise<number> {
  const cache = await runCommand("asking Go for its module cache", ["go", "env", "GOMODCACHE"], {
    cwd: program.module,
    env,
  });
  const sums = join(program.module, requirementsOf(program).replace(/mod$/, "sum"));
  if (!existsSync(sums)) return 0;
  return readFileSync(sums, "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([module, version]) => module && !version.endsWith("/go.mod"))
    .filter(
      ([module, version]) =>
        !existsSync(join(cache, "cache", "download", escapePath(module), "@v", `${escapePath(version)}.zip`)),
    ).length;
}

function goEnvironment({ requirements }: GoProgram, version: string, platform: Platform): NodeJS.ProcessEnv {
  return {
    ...process.env,
    // The user's own settings are for the user's own modules: a vendor folder, a workspace, another target.
    GOFLAGS: `-mod=readonly${requirements === undefined ? "" : ` -modfile=${requirements}`}`,
    GOWORK: "off",
    GO111MODULE: "on",
    GOEXPERIMENT: "",
    CGO_ENABLED: "0",
    GOOS: "linux",
    GOARCH: platform.goarch,
    GOAMD64: "v1",
    GOARM64: "v8.0",
    GOTOOLCHAIN: `go${version}+auto`,
  };
}

function buildFlags(program: GoProgram): string[] {
  const stamps = Object.entries(program.stamps).map(([name, value]) => `-X ${name}=${value}`);
  return [
    "-trimpath",
    // The same sources must give the same program, whatever is committed around them.
    "-buildvcs=false",
    // The linker would drop it (-w); not generating it saves an eighth of the compiler's time.
    "-gcflags=all=-dwarf=false",
    ...(program.tags.length > 0 ? [`-tags=${program.tags.join(",")}`] : []),
    `-ldflags=${["-s", "-w", ...stamps].join(" ")}`,
  ];
}

/** The program's own sources, and what it requires; not what another program of the same folder requires. */
function goSources(program: GoProgram): string[] {
  const requirements = requirementsOf(program);
  const wanted = (name: string): boolean =>
    /(?<!_test)\.go$/.test(name) || name === requirements || name === requirements.replace(/mod$/, "sum");
  return filesIn(program.module).filter((file) => wanted(basename(file)));
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)]));
}

/** The module cache writes a capital letter as "!" and the lower-case letter. */
function escapePath(path: string): string {
  return path.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}

function count(n: number): string {
  return n.toLocaleString("en");
}
