import assert from "node:assert/strict";
import { makePlan } from "../../../../src/rollout/plan/makePlan";
import { planReport, planText } from "../../../../src/rollout/plan/planText";
import { planTime } from "../../../../src/rollout/plan/planTime";
import type { RolloutSettings } from "../../../../src/rollout/plan/settings";
import { standing } from "./appStates";

const GATES: RolloutSettings["gates"] = [
  { name: "go", kind: "approval", when: ["start", "promotion"] },
  { name: "rate", kind: "success-rate", min: 99 },
  { name: "smoke", kind: "webhook", url: "http://smoke", when: "step" },
  { name: "p99", kind: "latency", maxMs: 300 },
];

describe("a plan as text", () => {
  it("tells steps, shares, holds, gates by when they are asked, and the time", () => {
    const plan = makePlan({ steps: [5, 50], hold: "90s", gates: GATES, mirror: { hold: 30 } }, standing());
    assert.equal(
      planText(plan),
      [
        "v2 of shop in namespace shop: canary, 3 steps, then everything",
        "",
        "  step               v1     v2     held for",
        "  ─────────────────────────────────────────",
        "  before           100%     0%",
        "  1. mirror 100%   100%     0%         30 s",
        "  2. 5%             95%     5%   1 min 30 s",
        "  3. 50%            50%    50%   1 min 30 s",
        "  promotion          0%   100%",
        "",
        "  Gates, all of which must pass:",
        "    before the first step: go",
        "    before each step: smoke",
        "    while a step is held, every 10 s: rate, p99",
        "    before the promotion: go",
        "  Rolls back after 3 consecutive failed samples of any gate.",
        "",
        "  It takes about 3 min 45 s if all goes well, and 57 min 30 s at most.",
      ].join("\n"),
    );
  });

  it("has names of digits in the versions' order, oldest first", () => {
    const weights = { 9234567: 100, 1234567: 0 };
    const plan = makePlan(
      { steps: [5] },
      standing({ versions: ["9234567", "1234567"].map((name) => ({ name, image: "i" })), weight: undefined, weights }),
    );
    assert.match(planText(plan), /^1234567 of shop[^]*step +9234567 +1234567 +held for/);
  });

  it("names gates that code has brought", () => {
    const plan = makePlan({ steps: [50] }, standing());
    assert.match(planText({ ...plan, gates: [{ name: "mine", kind: "code" }] }), /as defined in code: mine/);
  });

  it("says for which gates a person is waited for when they fail", () => {
    const text = (settings: RolloutSettings) => planText(makePlan({ steps: [50], ...settings }, standing()));
    assert.match(
      text({ gates: GATES, limits: { onFailure: "pause" } }),
      /^ {2}Pauses for a person after 3 consecutive failed samples of any gate\.$/m,
    );
    const own = [{ ...GATES![1], onFailure: "pause" as const }, GATES![3]];
    assert.match(
      text({ gates: own, limits: { failureThreshold: 1 } }),
      /^ {2}Rolls back after 1 failed sample of any gate, but pauses for a person after those of rate\.$/m,
    );
    assert.match(
      text({ gates: own, limits: { onFailure: "pause" } }),
      /Pauses for a person after 3 consecutive failed samples of any gate\./,
    );
  });

  it("says that nothing judges where there are no gates", () => {
    assert.match(planText(makePlan({}, standing())), /Gates: none\. Only a failed `up` or a person rolls it back\./);
  });
});

describe("a plan as JSON", () => {
  it("is the plan, its time and the gates of each phase", () => {
    const plan = makePlan({ gates: GATES }, standing());
    const report = planReport(plan);
    assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
    assert.deepEqual(report, {
      ...plan,
      time: planTime(plan),
      gatesByPhase: { start: ["go"], step: ["smoke"], hold: ["rate", "p99"], promotion: ["go"] },
    });
  });
});

describe("the time that a plan takes", () => {
  const cases: [name: string, settings: RolloutSettings, least: number, most: number][] = [
    ["is holds and ups at least, all deadlines at most", { steps: [50], hold: 60 }, 69, 3 * 660],
    ["is no longer than the run's deadline", { steps: [50], hold: 60, limits: { deadline: 100 } }, 69, 100],
    [
      "is no longer than the steps' deadlines",
      { steps: [50], hold: 60, limits: { stepDeadline: 70, deadline: "1h" } },
      69,
      210,
    ],
    [
      "is as long as the run's deadline where a pause stops the steps'",
      { steps: [50], hold: 60, limits: { stepDeadline: 70, deadline: "1h", onFailure: "pause" } },
      69,
      3600,
    ],
    ["is never longer at least than at most", { steps: [50], hold: 60, limits: { deadline: 61 } }, 61, 61],
  ];
  for (const [name, settings, leastSeconds, mostSeconds] of cases) {
    it(name, () => assert.deepEqual(planTime(makePlan(settings, standing())), { leastSeconds, mostSeconds }));
  }

  it("counts what an up takes", () =>
    assert.equal(planTime(makePlan({ steps: [50], hold: 60 }, standing()), 10).leastSeconds, 90));
});
