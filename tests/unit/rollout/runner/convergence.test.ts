import assert from "node:assert/strict";
import fc from "fast-check";
import { hasConverged, matchedPercent, sharesOf } from "../../../../src/rollout/runner/convergence";

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

  it("is seen beside requests that match, and not because of them", () => {
    const matched = { target: "v2", percent: 30 };
    const before = { v1: 700, v2: 300 };
    const after = { v1: 630, v2: 370 };
    assert.equal(hasConverged(after, share(0), share(10)), false, "they would be taken for shifted ones");
    assert.equal(hasConverged(after, share(0), share(10), matched), true);
    assert.equal(hasConverged(before, share(0), share(10), matched), false, "the weights have not moved");
    assert.equal(hasConverged({ v1: 1, v2: 999 }, share(50), share(100), matched), false, "v1 still answers");
    assert.equal(hasConverged({ v2: 999 }, share(50), share(100), matched), true);
    assert.equal(hasConverged({ v1: 600, v2: 350, v3: 50 }, share(0), share(10), matched), false, "v3 has no share");
  });

  it("is seen whatever the shares are and however many match, and never before the weights have moved", () => {
    const whole = (min: number, max: number) => fc.integer({ min, max });
    fc.assert(
      fc.property(whole(0, 98), whole(1, 100), whole(0, 60), (before, asked, percent) => {
        fc.pre(asked > before);
        const countsAt = (weight: number) => {
          const v1 = (100 - percent) * (100 - weight) * 100;
          return { v1, v2: 1_000_000 - v1 };
        };
        const matched = matchedPercent(countsAt(before), share(before), "v2");
        assert.ok(Math.abs((matched as number) - percent) < 0.01);
        const seen = { target: "v2", percent: matched as number };
        assert.equal(hasConverged(countsAt(asked), share(before), share(asked), seen), true);
        assert.equal(hasConverged(countsAt(before), share(before), share(asked), seen), false);
      }),
    );
  });

  it("cannot tell how many match without requests, or where the target has all anyway", () => {
    assert.equal(matchedPercent({}, share(10), "v2"), undefined);
    assert.equal(matchedPercent({ v2: 5 }, share(100), "v2"), undefined);
    assert.equal(matchedPercent({ v1: 99, v2: 1 }, share(10), "v2"), 0);
  });

  it("tells shares in percent", () => {
    assert.deepEqual(sharesOf({ v1: 2, v2: 1 }), { v1: 66.7, v2: 33.3 });
    assert.equal(sharesOf({}), undefined);
  });
});
