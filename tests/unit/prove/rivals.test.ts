import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Answer } from "../../../demo/load/request";
import { CONTENDERS } from "../../prove/rivals/contenders";
import type { Measured } from "../../prove/rivals/measure";
import { rivalsPlots } from "../../prove/rivals/plots";
import type { Result } from "../../prove/rivals/results";
import { erred, moved, type Stretch, within } from "../../prove/rivals/stretch";
import { rivalsTable } from "../../prove/rivals/table";

const answer = (sentAt: number, version: string | undefined, status = 200): Answer => ({
  sentAt,
  doneAt: sentAt + 10,
  status,
  version,
});

describe("a stretch of the load", () => {
  const answers = [
    answer(900, "v1"),
    answer(1000, "v1"),
    answer(1400, "v2"),
    answer(1600, "v1", 503),
    answer(2100, "v2", 500),
    answer(2300, "v2"),
    answer(3000, "v2"),
  ];
  const span = { asked: 1000, over: 2500 };
  const course = [
    { requests: 2, tried: 1, failed: 0 },
    { requests: 1, tried: 0, failed: 1 },
    { requests: 2, tried: 2, failed: 1 },
  ];

  it("is over with the last answer of the version that has to be gone", () =>
    assert.deepEqual(moved(answers, span, "v2", "v1"), { seconds: 0.6, requests: 5, failed: 2, course }));
  it("takes no time where that version did not answer at all", () =>
    assert.equal(moved(answers, span, "v2", "v9").seconds, 0));
  it("of a bad version lasts from its first error to its last", () =>
    assert.deepEqual(erred(answers, span, "v2"), { seconds: 0.5, requests: 5, failed: 2, course }));
  it("of a version that gives no error takes no time", () =>
    assert.equal(erred(answers.slice(0, 3), span, "v2").seconds, 0));

  it("has every request of its span in one slice of its course", () => {
    const moments = fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 9000, noNaN: true }),
        version: fc.constantFrom("v1", "v2", undefined),
        status: fc.constantFrom(200, 500, 0),
      }),
    );
    fc.assert(
      fc.property(
        moments,
        fc.integer({ min: 0, max: 4000 }),
        fc.integer({ min: 1, max: 5000 }),
        (sent, asked, length) => {
          const all = sent
            .map(({ at, version, status }) => answer(at, version, status))
            .sort((a, b) => a.sentAt - b.sentAt);
          const { requests, failed, course: slices } = moved(all, { asked, over: asked + length }, "v2", "v1");
          const sum = (of: "requests" | "failed" | "tried") => slices.reduce((total, slice) => total + slice[of], 0);
          assert.deepEqual([sum("requests"), sum("failed")], [requests, failed]);
          assert.equal(
            sum("tried"),
            within(all, { asked, over: asked + length }).filter(({ version }) => version === "v2").length,
          );
        },
      ),
    );
  });
});

const stretch = (seconds: number, failed = 0): Stretch => ({
  seconds,
  requests: 1000,
  failed,
  course: [
    { requests: 100, tried: 20, failed: 0 },
    { requests: 0, tried: 0, failed: 0 },
    { requests: 100, tried: 90, failed },
  ],
});

const result = (...runs: Partial<Measured>[]): Result => {
  const use = { seconds: 10, cpuSeconds: 0.5, peakMb: 55, cpuByProgram: {}, peakMbByProgram: {} };
  const measured = {
    contender: "kubectl",
    steps: [0.4, null, 0.2],
    back: stretch(1),
    rollOut: stretch(2),
    replace: stretch(3),
    idle: use,
    rolling: use,
    requests: 9000,
    perSecond: 300,
  };
  return { contender: CONTENDERS[0], runs: runs.map((more) => ({ ...measured, ...more })) };
};

describe("the rivals' tables", () => {
  it("are missing where nothing was measured", () => assert.equal(rivalsTable([]), undefined));

  const cases: [name: string, result: Result, row: RegExp][] = [
    [
      "the middle one of the steps that were followed, and each stretch with its failures",
      result({ replace: stretch(3, 7) }),
      /\| 1 \| 0\.3 s \(0\.2 s – 0\.4 s\) \| 2\.0 s \| 0 of 1,000 \| 3\.0 s \| 7 of 1,000 \| 1\.0 s \| 0 of 1,000 \|/,
    ],
    ["steps of which none was followed", result({ steps: [null, null] }), /\| not seen \| 2\.0 s/],
    ["no analysis", result({}), /\| no analysis \| – \| 55 MB \| 55 MB \| 5\.0% \| 0\.5 s \|/],
    ["a bad version", result({ bad: stretch(4, 12) }), /\| 4\.0 s \| 12 \| 55 MB/],
    [
      "several runs by the middle one and their bounds, and all that failed",
      result({ back: stretch(1, 3) }, { back: stretch(2) }, { back: stretch(4, 4) }),
      /\| 3 \|.*\| 2\.0 s \(1\.0 s – 4\.0 s\) \| 7 of 3,000 \|/,
    ],
    [
      "bad versions of several runs",
      result({ bad: stretch(4, 12) }, { bad: stretch(5, 20) }),
      /\| 4\.5 s \(4\.0 s – 5\.0 s\) \| 16 \(12 – 20\) \| 55 MB/,
    ],
  ];
  for (const [name, given, row] of cases) {
    it(`tell ${name}`, () => assert.match(rivalsTable([given]) ?? "", row));
  }
});

describe("the rivals' plots", () => {
  it("have a row for each rollout, and a mark where requests failed", () => {
    const svg = rivalsPlots([result({}), result({ rollOut: stretch(2, 5) })]).get("comparison-rollout.svg") ?? "";
    assert.equal(svg.match(/class="area"/g)?.length, 2);
    assert.equal(svg.match(/<circle class="mark"/g)?.length, 2, "one mark, and what it means");
    assert.match(svg, /2\.0 s, 5 failed/);
  });

  it("show bad versions of those that judge them, and of no other", () => {
    assert.equal(rivalsPlots([result({})]).has("comparison-bad-version.svg"), false);
    const svg = rivalsPlots([result({}), result({ bad: stretch(1, 30) })]).get("comparison-bad-version.svg") ?? "";
    assert.equal(svg.match(/class="area"/g)?.length, 1);
    assert.match(svg, />60\/s</, "30 errors in half a second");
  });

  it("show the middle one of several runs", () => {
    const svg =
      rivalsPlots([result({ rollOut: stretch(9) }, { rollOut: stretch(2) }, { rollOut: stretch(3) })]).get(
        "comparison-rollout.svg",
      ) ?? "";
    assert.match(svg, /3\.0 s, 0 failed/);
    assert.doesNotMatch(svg, /9\.0 s|2\.0 s/);
  });

  it("are none where nothing was measured", () => assert.equal(rivalsPlots([]).size, 0));
});
