import assert from "node:assert/strict";
import { durationOf, secondsOf } from "../../../../src/rollout/plan/duration";
import { type Expected, assertProblems, problemsOf } from "../../problems";

describe("a duration of a rollout", () => {
  const sound: [given: unknown, seconds: number][] = [
    [0, 0],
    [90, 90],
    [0.5, 0.5],
    ["90s", 90],
    ["5m", 300],
    ["1h30m", 5400],
    ["250ms", 0.25],
  ];
  for (const [given, seconds] of sound) {
    it(`may be ${JSON.stringify(given)}`, () => {
      assert.equal(secondsOf(given), seconds);
      assertProblems(
        problemsOf((findings) => durationOf(0)(given, findings), "hold"),
        [],
      );
    });
  }

  const wrong: [given: unknown, ...expected: string[]][] = [
    ["90", 'is "90"', "such as 90s"],
    ["", 'is ""'],
    ["5 m", 'is "5 m"'],
    ["soon", 'is "soon"'],
    [Number.NaN, "is NaN"],
    [Infinity, "is Infinity"],
    [-1, "is -1", "from 1 s to 14 days"],
    [0, "is 0"],
    ["500ms", 'is "500ms"'],
    ["337h", 'is "337h"', "14 days"],
    [null, "is null"],
    [[1], "is [1]"],
    [true, "is true"],
  ];
  for (const [given, ...pieces] of wrong) {
    it(`may not be ${JSON.stringify(given)} where a second is the least`, () => {
      assertProblems(
        problemsOf((findings) => durationOf(1)(given, findings), "hold"),
        [["hold", ...pieces] as Expected],
      );
    });
  }
});
