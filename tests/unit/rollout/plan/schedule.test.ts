import assert from "node:assert/strict";
import { scheduleFrom, scheduleOf } from "../../../../src/rollout/plan/schedule";
import type { RolloutSettings } from "../../../../src/rollout/plan/settings";

describe("the steps of a rollout", () => {
  const cases: [name: string, settings: RolloutSettings, expected: number[]][] = [
    ["are 5, 20 and 50 where none are named", {}, [5, 20, 50]],
    ["are those of a list", { steps: [1, 10, 99] }, [1, 10, 99]],
    ["leave 100 to the promotion", { steps: [50, 100] }, [50]],
    ["grow by a percentage", { stepWeight: 20, maxWeight: 60 }, [20, 40, 60]],
    ["grow up to the promotion where no highest share is named", { stepWeight: 25 }, [25, 50, 75]],
    ["end with the highest share, though the growth does not meet it", { stepWeight: 25, maxWeight: 60 }, [25, 50, 60]],
    ["are one, if it is the highest share", { stepWeight: 30, maxWeight: 30 }, [30]],
    ["are none below a first step of everything", { stepWeight: 100 }, []],
    ["double", { exponential: {} }, [1, 2, 4, 8, 16, 32, 64]],
    ["are multiplied up to the highest share", { exponential: { start: 3, factor: 3, maxWeight: 50 } }, [3, 9, 27, 50]],
    ["grow by 1 at least", { exponential: { factor: 1.3, maxWeight: 6 } }, [1, 2, 3, 4, 5, 6]],
  ];
  for (const [name, settings, expected] of cases) {
    it(name, () => assert.deepEqual(scheduleOf(settings), expected));
  }

  it("that would take something away from the target are left out", () =>
    assert.deepEqual(scheduleFrom(20, [5, 20, 50]), [20, 50]));
  it("are one at the target's share, if all are below it", () => assert.deepEqual(scheduleFrom(60, [5, 20, 50]), [60]));
  it("are one at the target's share, if there are none", () => assert.deepEqual(scheduleFrom(0, []), [0]));
});
