import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prefetchEngine } from "../../engine/built";
import { ENGINE_VARIABLE, useEngine } from "../../engine/engine";
import * as sandbox from "../../sandbox";
import { createProgress } from "../../sandbox/progress";
import { ensureTool } from "../../sandbox/tools";
import { endSandbox } from "../e2e/support/cluster";
import { COMPILED, compiled } from "../e2e/support/compiled";
import { BROKEN, type Counts, sum, told } from "./counts";
import { fileOf, type Lane, lanesOf } from "./lanes";
import { type MochaResult, runSuites, runUnitTests } from "./mochaRun";
import { otherSdks } from "./otherSdks";
import { marked, plainly } from "./output";
import { sandboxNames } from "./sandboxNames";
import { PROGRAMS } from "./programs";
import { timetable, type TimedSuite } from "./timetable";
import { unitFiles } from "./unitFiles";

/**
 * How many lanes run at once: suites wait for proxies, pods and holds most of the time, and leave two of them enough
 * of two cores.
 */
const LANES_AT_ONCE = 2;
const UNIT_PROCESSES = 2;

/** The sandboxes of a run: one for each lane that runs at once. */
const NAME = process.env.E2E_SANDBOX || "canary-e2e";
const SANDBOXES = sandboxNames(NAME, LANES_AT_ONCE);

/** What is done more often where all tests run. */
const MORE_OFTEN = { SWAPS: "10" };

/** What of a run has come to its end. */
const done: { counts: Counts; suites: TimedSuite[] }[] = [];
const interruption = new AbortController();

/**
 * Runs the tests and ends with their sum: `N passed, N failed, N skipped`.
 *
 * @param all Whether to run all end-to-end suites, or those of `npm test`.
 */
async function main(all: boolean): Promise<number> {
  process.on("SIGINT", () => interruption.abort()); // the suites get it, too; the clusters are taken down after them
  const folder = mkdtempSync(join(tmpdir(), "canary-tests-"));
  const cases = { RENDERED_CASES: folder }; // what the unit tests render is judged end to end, too
  // The unit tests judge objects by the definitions among Istio's charts, where they can be had.
  await ensureTool("charts", createProgress()).catch(() => undefined);
  const up = bringUp(SANDBOXES[0]); // beside the tests that need no cluster
  await Promise.all(unitFiles(UNIT_PROCESSES).map((files, index) => unitTests(`unit ${index + 1}`, files, cases)));
  for (const { name, run } of all ? PROGRAMS : []) {
    await timed(name, async () => ({ counts: await run(plainly), suites: [] }));
  }
  await timed("compiled", () => compiled().then(() => ({ counts: sum([]), suites: [] })));
  await up;
  await runLanes(lanesOf(all), { ...cases, ...(all ? MORE_OFTEN : {}), [COMPILED]: "yes" });
  if (all && !interruption.signal.aborted) {
    await timed("other SDKs", async () => ({ counts: await otherSdks(plainly), suites: [] }));
  }
  rmSync(folder, { recursive: true, force: true });
  const total = sum(done.map(({ counts }) => counts));
  plainly(`\n${timetable(done.flatMap(({ suites }) => suites))}\n${told(total)}\n`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/** Brings a sandbox up, and the engine. Where that fails, so do the suites, which try it again. */
async function bringUp(name: string): Promise<void> {
  const { signal } = interruption;
  prefetchEngine();
  try {
    await sandbox.up({ name, progress: createProgress(), signal });
    const { way } = await useEngine((line) => plainly(`${line}\n`));
    process.env[ENGINE_VARIABLE] = way; // for the suites' processes: what was found need not be looked for again
  } catch (error) {
    plainly(`${name}: ${(error as Error).message}\n`);
  }
}

function unitTests(name: string, files: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  return timed(name, () => runUnitTests(files, marked(name), env));
}

/** Runs lanes, the first first, each on the sandbox that gets free; the sandboxes are there until the end. */
async function runLanes(lanes: Lane[], env: NodeJS.ProcessEnv): Promise<void> {
  const work = async (name: string): Promise<void> => {
    for (let lane = lanes.shift(); lane !== undefined && !interruption.signal.aborted; lane = lanes.shift()) {
      const files = lane.suites.map(fileOf);
      const write = marked(lane.name);
      await timed(lane.name, () => runSuites(files, write, { ...env, E2E_SANDBOX: name, KEEP_SANDBOX: "1" }));
    }
    if (!process.env.KEEP_SANDBOX) {
      await endSandbox(name);
    }
  };
  await Promise.all(SANDBOXES.map(work));
}

/** Does one part of a run, and keeps what came of it. */
async function timed(name: string, work: () => Promise<MochaResult>): Promise<void> {
  plainly(`\n=== ${name}\n`);
  const began = performance.now();
  const { counts, suites } = await work().catch((error: Error) => {
    plainly(`${name}: ${error.stack}\n`);
    return { counts: BROKEN, suites: [] };
  });
  const seconds = (performance.now() - began) / 1000;
  const { passed, failed, skipped } = counts;
  plainly(`=== ${name}: ${told(counts)} in ${Math.round(seconds)} s\n`);
  const whole = { suite: "all", tests: passed + failed + skipped, seconds };
  done.push({ counts, suites: [...suites, whole].map((suite) => ({ lane: name, ...suite })) });
}

void main(process.argv.includes("--all")).then((code) => (process.exitCode = code));
