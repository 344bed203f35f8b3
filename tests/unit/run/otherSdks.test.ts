import assert from "node:assert/strict";
import { countsOf } from "../../run/otherSdks";

describe("the counts of the run with other SDKs", () => {
  for (const [what, output, status, expected] of [
    [
      "are those of its last line",
      "=== lowest: 1 passed, 0 failed, 0 skipped\n9 passed, 0 failed, 2 skipped\n",
      0,
      [9, 0, 2],
    ],
    ["have what failed", "8 passed, 1 failed, 0 skipped\n", 1, [8, 1, 0]],
    ["have a failure where it ends as one, and no test failed", "8 passed, 0 failed, 0 skipped\n", 1, [8, 1, 0]],
    ["are a failure where it does not tell any", "it crashed\n", 1, [0, 1, 0]],
    ["are a failure where it was killed", "", null, [0, 1, 0]],
  ] as const) {
    it(what, () => {
      const { passed, failed, skipped } = countsOf(output, status);
      assert.deepEqual([passed, failed, skipped], expected);
    });
  }
});
