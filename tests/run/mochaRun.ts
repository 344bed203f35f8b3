import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../demo/programStack";
import { runChild } from "./child";
import { BROKEN, type Counts, sum } from "./counts";
import type { Failure } from "./failures";
import type { Write } from "./output";
import type { TimedSuite } from "./timetable";

/** The results of a mocha process. */
export interface MochaResult {
  counts: Counts;
  suites: Omit<TimedSuite, "lane">[];
  failures: Failure[];
}

/** A line of the reporter's output. */
type Told = ({ suite: string; seconds: number } & Counts) | Failure | { end: Counts };

/** The options for suites on a cluster: they are given a sandbox's name, and do not take it down. */
const HOOKS = "tests/e2e/support/rootHooks.ts";
const ON_CLUSTER = ["--no-config", "--require", "tsx/cjs", "--require", HOOKS, "--timeout", "0"];

/** Where tests are run, and with which Node. */
export interface MochaPlace {
  /** The repository, or a copy of it. */
  root: string;
  /** The path of node. */
  node: string;
}

const HERE: MochaPlace = { root: PROJECT_ROOT, node: process.execPath };

/** Runs unit tests, with the options in .mocharc.json. */
export function runUnitTests(
  files: readonly string[],
  write: Write,
  env: NodeJS.ProcessEnv,
  place = HERE,
): Promise<MochaResult> {
  return mocha(files, write, env, place);
}

/** Runs end-to-end suites, one after the other. */
export function runSuites(
  files: readonly string[],
  write: Write,
  env: NodeJS.ProcessEnv,
  place = HERE,
): Promise<MochaResult> {
  return mocha([...ON_CLUSTER, ...files], write, env, place);
}

/** A run that does not report its end has crashed: the tests that had ended by then count, and one failure. */
async function mocha(
  args: readonly string[],
  write: Write,
  env: NodeJS.ProcessEnv,
  { root, node }: MochaPlace,
): Promise<MochaResult> {
  const folder = mkdtempSync(join(tmpdir(), "canary-tests-"));
  const file = join(folder, "results");
  try {
    const all = [
      join(root, "node_modules/mocha/bin/mocha.js"),
      "--exit",
      "--reporter",
      "tests/run/reporter.js",
      ...args,
    ];
    const variables = { ...process.env, ...env, TEST_RESULTS: file };
    const { status } = await runChild(node, all, write, { cwd: root, env: variables });
    const lines = readFileSync(file, { encoding: "utf8", flag: "a+" })
      .split("\n")
      .filter((line) => line !== "");
    const told = lines.map((line) => JSON.parse(line) as Told);
    const suites = told.flatMap((each) => ("suite" in each ? [each] : []));
    const end = told.flatMap((each) => ("end" in each ? [each.end] : [])).at(-1);
    const isWhole = end !== undefined && (status === 0 || end.failed > 0);
    return {
      counts: isWhole ? end : sum([...suites, BROKEN]),
      suites: suites.map(({ suite, seconds, ...own }) => ({
        suite,
        seconds,
        tests: own.passed + own.failed + own.skipped,
      })),
      failures: told.flatMap((each) => ("test" in each ? [each] : [])),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
