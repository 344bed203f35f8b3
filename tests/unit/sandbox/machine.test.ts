import assert from "node:assert/strict";
import { belongsToAnother } from "../../e2e/sandbox/machine";

describe("a process on the machine of a sandbox's tests", () => {
  for (const [what, controlGroups, expected] of [
    ["in no control group of a sandbox", "1:cpu:/\n0::/\n", false],
    ["in one of a sandbox under test", "1:cpu:/canary-sandbox-life/kubepods/pod1\n0::/\n", false],
    ["in one of another sandbox", "2:memory:/canary-sandbox-e2e-2/kubepods/pod1\n0::/\n", true],
    ["in one of another sandbox, whose name begins alike", "0::/canary-sandbox-life-2\n", true],
    ["in one of another sandbox, below a group of the machine's", "0::/job/canary-sandbox-e2e\n", true],
  ] as const) {
    it(`${what} ${expected ? "belongs to another" : "may be the test's own"}`, () => {
      assert.equal(belongsToAnother(controlGroups, ["life", "life2"]), expected);
    });
  }
});
