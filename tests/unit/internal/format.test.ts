import assert from "node:assert/strict";
import fc from "fast-check";
import {
  count,
  counted,
  duration,
  elapsed,
  listed,
  percent,
  percentagePoints,
  timestamp,
} from "../../../src/internal/format";

describe("a fraction in percent", () => {
  const texts: [fraction: number, digits: number | undefined, text: string][] = [
    [0, undefined, "0%"],
    [1, undefined, "100%"],
    [0.29, undefined, "29%"],
    [0.0525, undefined, "5.3%"],
    [0.98236, undefined, "98.2%"],
    [0.98236, 2, "98.24%"],
    [1 / 3, 0, "33%"],
    [0.9996, undefined, "99.96%"],
    [0.999996, undefined, "99.9996%"],
    [0.000456, undefined, "0.05%"],
    [0.0000001, undefined, "0.00001%"],
    [0.999, 4, "99.9%"],
  ];
  for (const [fraction, digits, text] of texts) {
    it(`is ${text} for ${fraction}${digits === undefined ? "" : ` with ${digits} decimals`}`, () =>
      assert.equal(percent(fraction, digits), text));
  }

  it("is that of a whole number of percents without decimals", () => {
    for (let whole = 0; whole <= 100; whole++) {
      assert.equal(percent(whole / 100), `${whole}%`);
    }
  });

  it("reads 0 and 100 only where it is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 - 1 }), fc.integer({ min: 0, max: 4 }), (failed, digits) => {
        assert.ok(!["0%", "100%"].includes(percent(failed / 1e6, digits)));
      }),
    );
  });

  it("has points for a difference, with its sign", () => {
    assert.equal(percentagePoints(0.0043), "0.43 percentage points");
    assert.equal(percentagePoints(-0.015), "-1.5 percentage points");
    assert.equal(percentagePoints(-0.000001), "-0.0001 percentage points");
    assert.equal(percentagePoints(0), "0 percentage points");
    assert.equal(percentagePoints(0.01), "1 percentage point");
  });
});

describe("numbers, times and lists for people", () => {
  it("have commas between thousands, and no more decimals than are wanted", () => {
    assert.deepEqual(
      [0, 999, 1204, 1234567.891, -1204, -0.001].map((value) => count(value, 2)),
      ["0", "999", "1,204", "1,234,567.89", "-1,204", "0"],
    );
    assert.equal(count(1204.6), "1,205");
    assert.deepEqual(
      [0, 1, 1204, 49.6].map((number) => counted(number, "request")),
      ["0 requests", "1 request", "1,204 requests", "49.6 requests"],
    );
  });

  const durations: [seconds: number, text: string][] = [
    [0, "0 s"],
    [0.25, "0.3 s"],
    [9.5, "9.5 s"],
    [45.4, "45 s"],
    [60, "1 min"],
    [200, "3 min 20 s"],
    [7200, "2 h"],
    [7261, "2 h 1 min 1 s"],
  ];
  for (const [seconds, text] of durations) {
    it(`have ${text} for ${seconds} seconds`, () => assert.equal(duration(seconds), text));
  }

  it("have the time since a start as a clock shows it, and a time in UTC", () => {
    assert.deepEqual([0, 7_900, 750_000, 3_723_000, -5].map(elapsed), [
      "+0:00",
      "+0:07",
      "+12:30",
      "+1:02:03",
      "+0:00",
    ]);
    assert.equal(timestamp(Date.UTC(2026, 10, 21, 9, 20, 56, 789)), "2026-11-21 09:20:56 UTC");
  });

  it("name so many, and count the rest", () => {
    assert.deepEqual(
      [[], ["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]].map((names) => listed(names, 3)),
      ["", "a", "a and b", "a, b and c", "a, b, c and 1 more"],
    );
  });
});
