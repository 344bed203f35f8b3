import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prefetchEngine } from "../../sandbox/engine/built";
import { ENGINE_VARIABLE, useEngine } from "../../sandbox/engine/findEngine";
import * as sandbox from "../../sandbox";
import { createProgress } from "../../sandbox/progress";
import { ensureTool } from "../../sandbox/tools";
import { endSandbox } from "../e2e/support/cluster";
import { COMPILED, compiled } from "../e2e/support/compiled";
import { runWithSdks } from "../sdks/runWithSdks";
import { sdkSets } from "../sdks/sdkSet";
import { BROKEN, type Counts, sum, told } from "./counts";
import { type Failure, failureList } from "./failures";
import { fileOf, type Lane, lanesOf } from "./lanes";
import { type MochaResult, runSuites, runUnitTests } from "./mochaRun";
import { marked, plainly } from "./output";
import { sandboxNames } from "./sandboxNames";
import { PROGRAMS } from "./programs";
import { timetable, type TimedSuite } from "./timetable";
import { typeCheck } from "./typeCheck";
import { unitFiles } from "./unitFiles";

/**
 * How many lanes run at once: suites wait for proxies, pods and holds most of the time, so two lanes at once leave each
 * of them enough of two cores.
 */
const LANES_AT_ONCE = 2;
const UNIT_PROCESSES = 2;

/** The sandboxes of a run: one for each lane that runs at once. */
const NAME = process.env.E2E_SANDBOX || "canary-e2e";
const SANDBOXES = sandboxNames(NAME, LANES_AT_ONCE);

/** The settings that make all tests repeat some things more often. */
const MORE_OFTEN = { SWAPS: "10" };

/** The results of a run so far. */
const done: { lane: string; counts: Counts; suites: TimedSuite[]; failures: Failure[] }[] = [];
const interruption = new AbortController();

/**
 * Runs the tests and ends with their sum: `N passed, N failed, N skipped`.
 * @param all Whether to run all end-to-end suites, or only those of `npm test`.
 */
async function main(all: boolean): Promise<number> {
  process.on("SIGINT", () => interruption.abort()); // the suites get it, too; the clusters are taken down after them
  const folder = mkdtempSync(join(tmpdir(), "canary-tests-"));
  const cases = { RENDERED_CASES: folder }; // what the unit tests render is checked end to end, too
  // The unit tests check objects against the definitions in Istio's charts, if these are available.
  await ensureTool("charts", createProgress()).catch(() => undefined);
  const ground = Promise.all([bringUp(SANDBOXES[0]), timed("compiled", () => compiled().then(() => whole(sum([]))))]);
  // The first lane waits for proxies and pods most of the time, so the tests that need no cluster run beside it.
  const withoutCluster = runWithoutCluster(all, cases);
  const env = { ...cases, ...(all ? MORE_OFTEN : {}), [COMPILED]: "yes" };
  await runLanes(lanesOf(all), env, ground, withoutCluster);
  if (all && !interruption.signal.aborted) {
    await timed("other SDKs", () => runWithSdks(sdkSets(), true));
  }
  rmSync(folder, { recursive: true, force: true });
  const total = sum(done.map(({ counts }) => counts));
  plainly(`\n${timetable(done.flatMap(({ suites }) => suites))}\n`);
  plainly(failureList(done.map(({ lane, counts, failures }) => ({ lane, failed: counts.failed, failures }))));
  plainly(`${told(total)}\n`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/** Brings a sandbox up, and the engine. If that fails, so do the suites, which try it again. */
async function bringUp(name: string): Promise<void> {
  const { signal } = interruption;
  prefetchEngine();
  try {
    await sandbox.up({ name, progress: createProgress(), signal });
    const { way } = await useEngine((line) => plainly(`${line}\n`));
    process.env[ENGINE_VARIABLE] = way; // for the suites' processes: they need not look for the engine again
  } catch (error) {
    plainly(`${name}: ${(error as Error).message}\n`);
  }
}

/** The type check and unit tests, and with all tests those of other languages. */
async function runWithoutCluster(all: boolean, env: NodeJS.ProcessEnv): Promise<void> {
  await timed("types", async () => whole(await typeCheck(plainly)));
  for (const [index, files] of unitFiles(UNIT_PROCESSES).entries()) {
    await unitTests(`unit ${index + 1}`, files, env);
  }
  for (const { name, run } of all ? PROGRAMS : []) {
    await timed(name, async () => whole(await run(plainly)));
  }
}

function unitTests(name: string, files: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  return timed(name, () => runUnitTests(files, marked(name), env));
}

/** Runs lanes in order, each on the next free sandbox; the sandboxes exist until the end. */
async function runLanes(
  lanes: Lane[],
  env: NodeJS.ProcessEnv,
  ground: Promise<unknown>,
  withoutCluster: Promise<void>,
): Promise<void> {
  const work = async (name: string, index: number): Promise<void> => {
    await (index === 0 ? ground : withoutCluster); // two things at once from the beginning, not three
    for (let lane = lanes.shift(); lane !== undefined && !interruption.signal.aborted; lane = lanes.shift()) {
      const files = lane.suites.map(fileOf);
      const write = marked(lane.name);
      await (lane.afterUnitTests ? withoutCluster : undefined);
      await timed(lane.name, () => runSuites(files, write, { ...env, E2E_SANDBOX: name, KEEP_SANDBOX: "1" }));
    }
    if (!process.env.KEEP_SANDBOX) {
      await endSandbox(name);
    }
  };
  await Promise.all(SANDBOXES.map(work));
}

/** Runs one part, and records its results. */
async function timed(name: string, work: () => Promise<MochaResult>): Promise<void> {
  plainly(`\n=== ${name}\n`);
  const began = performance.now();
  const { counts, suites, failures } = await work().catch((error: Error) => {
    plainly(`${name}: ${error.stack}\n`);
    return { ...whole(BROKEN), failures: [{ test: "was not run to its end", message: error.message }] };
  });
  const seconds = (performance.now() - began) / 1000;
  const { passed, failed, skipped } = counts;
  plainly(`=== ${name}: ${told(counts)} in ${Math.round(seconds)} s\n`);
  const all = { suite: "all", tests: passed + failed + skipped, seconds };
  done.push({ lane: name, counts, suites: [...suites, all].map((suite) => ({ lane: name, ...suite })), failures });
}

/** The results of something other than mocha. */
function whole(counts: Counts): MochaResult {
  return { counts, suites: [], failures: [] };
}

void main(process.argv.includes("--all")).then((code) => (process.exitCode = code));
