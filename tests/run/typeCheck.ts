import { PROJECT_ROOT } from "../../demo/programStack";
import { runChild } from "./child";
import { BROKEN, type Counts, sum } from "./counts";
import type { Write } from "./output";

/** Checks the types of everything; type errors count as one failure. */
export async function typeCheck(write: Write): Promise<Counts> {
  const { status } = await runChild("npm", ["run", "--silent", "check"], write, {
    cwd: PROJECT_ROOT,
    env: process.env,
  });
  return status === 0 ? sum([]) : BROKEN;
}
