import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../../demo/programStack";
import { fileOf, LANES, lanesOf } from "../../run/lanes";

describe("the lanes of the end-to-end suites", () => {
  it("have every suite, each once", () => {
    const there = readdirSync(join(PROJECT_ROOT, "tests/e2e"), { recursive: true, encoding: "utf8" });
    const files = there.filter((file) => file.endsWith(".test.ts")).map((file) => `tests/e2e/${file}`);
    assert.deepEqual(LANES.flatMap(({ suites }) => suites.map(fileOf)).sort(), files.sort());
  });

  it("are of npm test where they show the main job, and all of them otherwise", () => {
    const shown = lanesOf(false).flatMap(({ suites }) => suites);
    for (const suite of ["trafficShifting", "examples", "preview/golden", "preview/command", "rollout/run"]) {
      assert.ok(shown.includes(suite), suite);
    }
    assert.deepEqual(lanesOf(true), LANES);
    assert.ok(shown.length < lanesOf(true).flatMap(({ suites }) => suites).length);
  });
});
