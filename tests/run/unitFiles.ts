import { readdirSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../demo/programStack";

const FOLDER = "tests/unit";

/**
 * The files of the unit tests, distributed to this many processes. Not mocha's own `--parallel`: there a process loads
 * a file after others have run in it, and loading a program, which some tests do, changes how a process loads
 * TypeScript. Here everything is loaded before the first test runs, as when mocha is called by hand.
 */
export function unitFiles(processes: number): string[][] {
  const names = readdirSync(join(PROJECT_ROOT, FOLDER), { recursive: true, encoding: "utf8" });
  const files = names
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => `${FOLDER}/${name}`)
    .sort();
  return Array.from({ length: processes }, (_, index) => files.filter((_file, place) => place % processes === index));
}
