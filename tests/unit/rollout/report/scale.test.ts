import assert from "node:assert/strict";
import fc from "fast-check";
import { axis, spread, successAxis, timeTicks } from "../../../../src/rollout/report/scale";

describe("an axis", () => {
  it("has its lines at round numbers, and covers what is to be shown", () => {
    assert.deepEqual(axis(0, 100).ticks, [0, 50, 100]);
    assert.deepEqual(axis(0, 237).ticks, [0, 100, 200, 300]);
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
        (most) => axis(0, most).most >= most * (1 - 1e-9) && axis(0, most).ticks.length <= 6,
      ),
    );
  });

  it("shows success rates near to 100 apart", () => {
    assert.deepEqual(
      [100, 99.2, 97, 93, 80, 60, 10].map((worst) => successAxis(worst).least),
      [99, 99, 95, 90, 75, 50, 0],
    );
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 100, noNaN: true }),
        (worst) => successAxis(worst).least <= worst && successAxis(worst).ticks.at(-1) === 100,
      ),
    );
  });

  it("has a few marks of time, however long the run", () => {
    assert.deepEqual(timeTicks(62), [0, 10, 20, 30, 40, 50, 60]);
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 5e6, noNaN: true }), (seconds) => timeTicks(seconds).length <= 9),
    );
  });

  it("moves labels apart, as little as needed, in their order and within bounds", () => {
    assert.deepEqual(spread([10, 10, 50], 14, 100), [10, 24, 50]);
    assert.deepEqual(spread([100, 99], 14, 100), [100, 86]);
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { maxLength: 5 }), (positions) => {
        const sorted = [...spread(positions, 14, 100)].sort((a, b) => a - b);
        return sorted.every((each, index) => each <= 100 && (index === 0 || each - sorted[index - 1] > 14 - 1e-9));
      }),
    );
  });
});
