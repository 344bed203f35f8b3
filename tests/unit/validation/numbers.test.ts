import assert from "node:assert/strict";
import * as fc from "fast-check";
import { checkDuration, checkInteger, checkPort, milliseconds } from "../../../src/validation/numbers";
import { shown } from "../../../src/validation/problem";
import { UNKNOWN } from "../../../src/validation/unknown";
import { anything } from "../arbitraries";
import { assertProblems, problemsOf } from "../problems";

describe("a whole number between two bounds", () => {
  const check = (value: unknown) =>
    problemsOf((findings) => checkInteger(value, findings, 1, 3, "a number from 1 to 3"), "replicas");
  for (const value of [1, 2, 3, UNKNOWN]) {
    it(`may be ${String(value)}`, () => assertProblems(check(value), []));
  }
  for (const value of [0, 4, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "2", null, undefined, [2], true, 2n]) {
    it(`may not be ${shown(value)}`, () =>
      assertProblems(check(value), [["replicas", `is ${shown(value)}`, "a number from 1 to 3 is needed"]]));
  }

  it("is nothing but a whole number between them", () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: -3, max: 7 }), fc.double(), anything()), (value) => {
        const sound = value === 1 || value === 2 || value === 3 || value === UNKNOWN;
        assert.equal(check(value).length, sound ? 0 : 1);
      }),
    );
  });
});

describe("a port", () => {
  for (const port of [1, 80, 65535]) {
    it(`may be ${port}`, () =>
      assertProblems(
        problemsOf((findings) => checkPort(port, findings)),
        [],
      ));
  }
  for (const port of [0, 65536, "http"]) {
    it(`may not be ${port}`, () => {
      const problems = problemsOf((findings) => checkPort(port, findings), "service.port");
      assertProblems(problems, [["service.port", `is ${shown(port)}`, "a port from 1 to 65535"]]);
    });
  }
});

describe("a duration", () => {
  const durations: [text: string, length: number | undefined][] = [
    ["1ms", 1],
    ["250ms", 250],
    ["1.5s", 1500],
    ["10s", 10_000],
    ["1m", 60_000],
    ["1m30s", 90_000],
    ["2h", 7_200_000],
    ["1h1m1s1ms", 3_661_001],
    ["0s", 0],
    ["", undefined],
    ["10", undefined],
    ["s", undefined],
    ["1 s", undefined],
    ["-1s", undefined],
    ["+1s", undefined],
    ["1e3s", undefined],
    [".5s", undefined],
    ["1d", undefined],
    ["1S", undefined],
    ["1s\n", undefined],
  ];
  for (const [text, length] of durations) {
    it(`${JSON.stringify(text)} is ${length === undefined ? "none" : `${length} ms`}`, () =>
      assert.equal(milliseconds(text), length));
  }

  for (const value of ["1ms", "0.001s", "1.001s", "0.3s", "1h", UNKNOWN]) {
    it(`may be ${String(value)}`, () =>
      assertProblems(
        problemsOf((findings) => checkDuration(value, findings)),
        [],
      ));
  }
  for (const value of ["0s", "0.5ms", "10", "soon", "", 10, null, undefined, ["1s"]]) {
    it(`may not be ${shown(value)}`, () => {
      assertProblems(
        problemsOf((findings) => checkDuration(value, findings), "timeout"),
        [["timeout", `is ${shown(value)}`, "at least 1ms"]],
      );
    });
  }

  it("is the sum of its parts", () => {
    const units = fc.constantFrom<[string, number][]>(["h", 3_600_000], ["m", 60_000], ["s", 1000], ["ms", 1]);
    const parts = fc.array(fc.tuple(fc.nat({ max: 999 }), units), { minLength: 1 });
    fc.assert(
      fc.property(parts, (given) => {
        const text = given.map(([amount, [unit]]) => `${amount}${unit}`).join("");
        assert.equal(
          milliseconds(text),
          given.reduce((sum, [amount, [, length]]) => sum + amount * length, 0),
        );
      }),
    );
  });
});
