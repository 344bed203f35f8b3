import { join } from "node:path";
import { PROJECT_ROOT } from "../../demo/programStack";
import { runChild } from "./child";
import { BROKEN, type Counts } from "./counts";
import type { Write } from "./output";

/** The line that the run ends with. */
const COUNTS = /^(\d+) passed, (\d+) failed, (\d+) skipped$/gm;

/** Runs the tests with the lowest and the newest SDKs, as `npm run test:sdks` does. */
export async function otherSdks(write: Write): Promise<Counts> {
  let output = "";
  const take: Write = (text) => {
    output += text;
    write(text);
  };
  const program = [join(PROJECT_ROOT, "node_modules/tsx/dist/cli.mjs"), join(PROJECT_ROOT, "tests/sdks/cli.ts")];
  const { status } = await runChild(process.execPath, program, take, { cwd: PROJECT_ROOT, env: process.env });
  return countsOf(output, status);
}

/**
 * The counts in the last line of a run; a run without such a line, or one that failed without a failed test, counts as
 * one failure.
 */
export function countsOf(output: string, status: number | null): Counts {
  const told = [...output.matchAll(COUNTS)].at(-1);
  if (told === undefined) return BROKEN;
  const [passed, failed, skipped] = told.slice(1).map(Number);
  return status === 0 || failed > 0 ? { passed, failed, skipped } : { passed, failed: 1, skipped };
}
