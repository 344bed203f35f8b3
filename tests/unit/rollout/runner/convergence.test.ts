import assert from "node:assert/strict";
import fc from "fast-check";
import { hasConverged, sharesOf } from "../../../../src/rollout/runner/convergence";

const share = (percent: number) => ({ v1: 100 - percent, v2: percent });

describe("following of the traffic", () => {
  it("is seen as soon as the counts say so by far", () => {
    assert.equal(hasConverged({ v1: 96, v2: 4 }, share(0), share(5)), true);
    assert.equal(hasConverged({ v1: 500, v2: 500 }, share(25), share(50)), true);
    assert.equal(hasConverged({ v2: 3 }, share(50), share(100)), false);
    assert.equal(hasConverged({ v2: 20 }, share(50), share(100)), true);
  });

  it("is not seen without requests, with too few, or with the shares from before", () => {
    assert.equal(hasConverged({}, share(0), share(5)), false);
    assert.equal(hasConverged({ v1: 3, v2: 1 }, share(25), share(50)), false);
    assert.equal(hasConverged({ v1: 750, v2: 250 }, share(25), share(50)), false);
    assert.equal(hasConverged({ v1: 1000 }, share(0), share(5)), false);
  });

  it("is not seen while a version still answers that should not, or one answers too much", () => {
    assert.equal(hasConverged({ v1: 1, v2: 999 }, share(50), share(100)), false);
    assert.equal(hasConverged({ v1: 100, v2: 900 }, share(25), share(50)), false);
    assert.equal(hasConverged({ v1: 500, v2: 450, v3: 50 }, share(25), share(50)), false);
  });

  it("is seen whatever the two shares are, if requests are shared as asked", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }), (before, asked) => {
        const counts = { v1: (100 - asked) * 1000, v2: asked * 1000 };
        assert.equal(hasConverged(counts, share(before), share(asked)), before !== asked);
        assert.equal(
          hasConverged({ v1: (100 - before) * 1000, v2: before * 1000 }, share(before), share(asked)),
          false,
        );
      }),
    );
  });

  it("tells shares in percent", () => {
    assert.deepEqual(sharesOf({ v1: 2, v2: 1 }), { v1: 66.7, v2: 33.3 });
    assert.equal(sharesOf({}), undefined);
  });
});
