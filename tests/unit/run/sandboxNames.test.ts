import assert from "node:assert/strict";
import { checkName } from "../../../sandbox/cluster/addresses";
import { sandboxNames } from "../../run/sandboxNames";

describe("the sandboxes of a run", () => {
  for (const [first, names] of [
    ["canary-e2e", ["canary-e2e", "canary-e-2", "canary-e-3"]],
    ["e2e", ["e2e", "e2e-2", "e2e-3"]],
    ["abcdefg-ij", ["abcdefg-ij", "abcdefg-2", "abcdefg-3"]],
  ] as const) {
    it(`have names of their own that sandboxes may have: ${first}`, () => {
      assert.deepEqual(sandboxNames(first, 3), names);
      names.forEach((name) => assert.doesNotThrow(() => checkName(name)));
    });
  }
});
