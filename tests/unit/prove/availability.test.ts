import assert from "node:assert/strict";
import { laneResult } from "../../prove/availability/load/load";
import type { KindResult } from "../../prove/availability/measure";
import { failuresOf } from "../../prove/availability/measure";
import { failedText, requestsOf } from "../../prove/availability/table";
import { withTable } from "../../prove/report/report";

const result = (...failed: Record<string, number>[]): KindResult => ({
  kind: "weights",
  changes: "the weights",
  began: "2026-01-01T00:00:00.000Z",
  seconds: 10,
  repetitions: 3,
  ups: 3,
  warnings: [],
  lanes: failed.map((each, index) => ({ lane: `lane ${index}`, requests: 1000, failed: each, p99Ms: 5 })),
});

describe("what fortio reports of a lane", () => {
  const histogram = { Percentiles: [{ Percentile: 99, Value: 0.01234 }] };
  const cases: [name: string, codes: Record<string, number>, requests: number, failed: Record<string, number>][] = [
    ["all are answered", { 200: 500 }, 500, {}],
    ["some are answered with an error", { 200: 490, 503: 10 }, 500, { 503: 10 }],
    ["some are not answered", { 200: 499, "-1": 1 }, 500, { "-1": 1 }],
    ["none was sent", {}, 0, {}],
  ];
  for (const [name, RetCodes, requests, failed] of cases) {
    it(`tells those that failed: ${name}`, () =>
      assert.deepEqual(laneResult("x", { RetCodes, DurationHistogram: histogram }), {
        lane: "x",
        requests,
        failed,
        p99Ms: 12.3,
      }));
  }

  it("has no times where there was no request", () =>
    assert.equal(laneResult("x", { RetCodes: {}, DurationHistogram: { Percentiles: null } }).p99Ms, 0));
});

describe("the result of a kind of change", () => {
  const cases: [name: string, result: KindResult, failures: Record<string, number>, text: string][] = [
    ["without a failure", result({}, {}), {}, "0"],
    ["with failures of one kind on two lanes", result({ 503: 2 }, { 503: 3 }), { 503: 5 }, "5 (5 × 503)"],
    ["with failures of two kinds", result({ 503: 2 }, { "-1": 1 }), { 503: 2, "-1": 1 }, "3 (2 × 503, 1 × no answer)"],
  ];
  for (const [name, given, failures, text] of cases) {
    it(`is the sum of its lanes: ${name}`, () => {
      assert.deepEqual(failuresOf(given), failures);
      assert.equal(failedText(given), text);
      assert.equal(requestsOf(given), 2000);
    });
  }
});

describe("the document of the proofs", () => {
  const marks = (table: string) =>
    `# Proof\n\n<!-- load: made by npm run prove -- report -->${table}<!-- end of load -->\n\nMore.\n`;

  it("takes a table between its marks, in place of the one before, and keeps all else", () => {
    const once = withTable(marks("\n\n"), "load", "| a |");
    assert.equal(once, marks("\n\n| a |\n\n"));
    assert.equal(withTable(once, "load", "| b |"), marks("\n\n| b |\n\n"));
    assert.equal(withTable(once, "load", "| a |"), once);
  });

  it("is left alone where it has no such marks, and it is said which are needed", () => {
    for (const document of ["# Proof\n", "<!-- end of load -->", "<!-- load: made by npm run prove -- report -->"]) {
      assert.throws(
        () => withTable(document, "load", "| a |"),
        /no place for the table "load": "<!-- load: .*" and "<!-- end of load -->" are needed/,
      );
    }
  });
});
