import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KILLED_RUNS, type KilledRun } from "../../e2e/support/killedRun";
import { passes } from "../mocha";
import type { Proof } from "../proof";
import { keepResult, keptResults } from "../results";
import { killsTable } from "./table";

/** Rollouts whose process is killed at random moments. */
export const kills: Proof = {
  name: "kills",
  what: "a rollout that is killed at random moments goes on to the same end",
  declare: (command) =>
    void command.option("--kills <number>", "how many runs are killed, each at another moment", "20"),
  run: async ({ kills: count }) => {
    const folder = mkdtempSync(join(tmpdir(), "canary-kills-"));
    const file = join(folder, "runs.jsonl");
    try {
      const held = await passes(["tests/e2e/rollout/crash.test.ts"], {
        ROLLOUT_KILLS: String(count),
        [KILLED_RUNS]: file,
      });
      keepResult("kills/runs", readRuns(file));
      return held;
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  table: async () => {
    const runs = keptResults<KilledRun[]>("kills").get("runs");
    return runs && killsTable(runs);
  },
};

/** A proof that fails before its first run has no results, and no file. */
function readRuns(file: string): KilledRun[] {
  const text = readFileSync(file, { encoding: "utf8", flag: "a+" });
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as KilledRun);
}
