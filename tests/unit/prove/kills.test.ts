import assert from "node:assert/strict";
import type { KilledRun } from "../../e2e/support/killedRun";
import { killsTable } from "../../prove/kills/table";

const run = (journal: string, after: number, more: Partial<KilledRun> = {}): KilledRun => ({
  after,
  whole: 20_000,
  journal,
  end: "promoted",
  requests: 1000,
  failed: 0,
  ...more,
});

describe("the table of killed runs", () => {
  it("has a row for each moment at which one was killed, in the order of a run, and their sum", () => {
    const table = killsTable([
      run("sampled", 9000),
      run("nothing", 1000),
      run("sampled", 15_000, { end: "rolledBack", failed: 2 }),
    ]);
    assert.deepEqual(table?.split("\n").slice(2), [
      "| the run has not begun | 1 | 5% | 1 | 1,000 | 0 |",
      "| a step is held and gates are asked | 2 | 45–75% | 1 | 2,000 | 2 |",
      "| all | 3 | 5–75% | 2 | 3,000 | 2 |",
    ]);
  });

  it("leaves out no run: what it has no words for stands as the journal has it", () => {
    assert.match(killsTable([run("paused", 5000)]) ?? "", /^\| paused \| 1 \|/m);
  });

  it("is none without runs", () => assert.equal(killsTable([]), undefined));
});
