import assert from "node:assert/strict";
import type { Plan } from "../../../../src/rollout/plan/plan";
import { fold, type RunState } from "../../../../src/rollout/runner/state";
import { usersSaw } from "../../../../src/rollout/runner/traffic";
import { reportMarkdown } from "../../../../src/rollout/report/markdown";
import { buildTimeline } from "../../../../src/rollout/report/timeline";
import type { MetricsSource } from "../../../../src/rollout/metrics/source";
import { events, PLAN, success } from "../support/runs";

const MIRRORING: Plan = {
  ...PLAN,
  steps: [{ ...PLAN.steps[0], name: "mirror 100%", weights: PLAN.before.weights, trial: "mirrored" }, PLAN.steps[1]],
};
const IN_STEP = { v1: { requests: 100, failures: 1 }, v2: { requests: 90, failures: 45 } };

/** A run of this plan up to the first sample of a step. */
function sampledIn(step: number, plan: Plan) {
  return events(
    [0, { type: "started", plan, by: "ada" }],
    [1, { type: "shifting", step, name: "x", weights: plan.steps[step].weights }],
    [2, { type: "shifted", step, seconds: 1 }],
    [3, { type: "converged", step, seconds: 1 }],
    [13, { type: "sampled", step, phase: "hold", results: [success("passed", 100, 100)], traffic: IN_STEP }],
  );
}

/** A source that has counted the same in any span. */
const source: Pick<MetricsSource, "traffic"> = {
  traffic: async () =>
    Object.fromEntries(Object.entries(IN_STEP).map(([version, counts]) => [version, { ...counts, durations: [] }])),
};

describe("what users saw", () => {
  const cases: [name: string, step: number, plan: Plan, requests: number, failures: number][] = [
    ["is what all versions answered", 0, PLAN, 190, 46],
    [
      "leaves out the copies that the target gets while requests are mirrored: nobody got their answers",
      0,
      MIRRORING,
      100,
      1,
    ],
    ["has what the target answered in the steps after those copies", 1, MIRRORING, 190, 46],
  ];
  for (const [name, step, plan, requests, failures] of cases) {
    it(name, async () => {
      const run = sampledIn(step, plan);
      const state = fold(run) as RunState;
      assert.deepEqual(state.counted, { requests, failures });
      const saw = await usersSaw(
        source as MetricsSource,
        state,
        Date.parse(run.at(-1)!.at) + 5000,
        new AbortController().signal,
      );
      assert.deepEqual(saw, { requests: 2 * requests, failures: 2 * failures });
      assert.match(reportMarkdown(buildTimeline(run)), new RegExp(`users saw: ${failures} of ${requests} `));
    });
  }
});
