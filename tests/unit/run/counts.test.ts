import assert from "node:assert/strict";
import { BROKEN, sum, told } from "../../run/counts";

describe("the counts of a run", () => {
  it("are added up, and told in one line", () => {
    const all = sum([{ passed: 3, failed: 0, skipped: 1 }, BROKEN, { passed: 4, failed: 2, skipped: 0 }]);
    assert.equal(told(all), "7 passed, 3 failed, 1 skipped");
    assert.equal(told(sum([])), "0 passed, 0 failed, 0 skipped");
  });
});
