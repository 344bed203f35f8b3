import assert from "node:assert/strict";
import type { Verdict } from "../../../../src/rollout/gates/gate";
import type { Plan } from "../../../../src/rollout/plan/plan";
import { only } from "./events";
import { planOf } from "./plans";
import { World } from "./world";

/** The times between the samples of a step in s, whose gate says this, one after the other. */
async function pauses(verdicts: readonly Verdict[], kind: string, more: Partial<Plan> = {}): Promise<number[]> {
  const left = [...verdicts];
  const plan = planOf([10], [{ name: "good", kind, phases: ["hold"] }], { failureThreshold: 3, intervalSeconds: 10 });
  const world = new World({
    plan: { ...plan, steps: plan.steps.map((step) => ({ ...step, holdSeconds: 100 })), ...more },
    verdict: () => left.shift() ?? "passed",
  });
  await world.process();
  const times = only(world.events, "sampled")
    .slice(0, verdicts.length)
    .map(({ at }) => Date.parse(at));
  return times.slice(1).map((time, index) => Math.round((time - times[index]) / 1000));
}

describe("the time between two samples", () => {
  const F: Verdict = "failed";
  const cases: [name: string, kind: string, said: Verdict[], expected: number[], more?: Partial<Plan>][] = [
    ["is short where one more failure decides", "success-rate", [F, F, F], [10, 1]],
    ["is short once: what is doubtful has its time", "latency", [F, F, "inconclusive", F], [10, 1, 10]],
    ["is the interval again after a pass", "baseline", [F, F, "passed", F], [10, 1, 10]],
    ["is the interval for what judges no requests", "webhook", [F, F, F], [10, 10]],
    [
      "is the interval where a Prometheus has no new figures",
      "success-rate",
      [F, F, F],
      [10, 10],
      { source: { prometheus: { url: "http://prometheus" } } },
    ],
  ];
  for (const [name, kind, said, expected, more] of cases) {
    it(`${name}: ${kind}, ${said.join(", ")}`, async () => {
      assert.deepEqual(await pauses(said, kind, more), expected);
    });
  }
});

describe("weights that the routes have before the up has recorded them", () => {
  it("are in force from then on, so that the traffic is seen to have followed as soon as the up is through", async () => {
    const secondsAfterUp = async (patches?: number) => {
      const world = new World({ plan: planOf([50]), load: 50, patches });
      await world.process();
      const [shifted, converged] = [only(world.events, "shifted")[0], only(world.events, "converged")[0]];
      return (Date.parse(converged.at) - Date.parse(shifted.at)) / 1000;
    };
    assert.equal(await secondsAfterUp(100), 0);
    assert.ok((await secondsAfterUp()) > 0);
  });
});
