import assert from "node:assert/strict";
import type { GateDefinition } from "../../../../src/rollout/gates/gate";
import { type Outcome, randomNumbers, type Simulation, simulate } from "../support/simulatedRun";

const RUNS = 200;

async function outcomesOf(simulation: Simulation): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let run = 0; run < RUNS; run++) {
    outcomes.push(await simulate(simulation, randomNumbers(run)));
  }
  return outcomes;
}

const always = (share: number) => () => share;
const sentBack = (outcomes: readonly Outcome[]) => outcomes.filter(({ sentBack: after }) => after !== undefined).length;
const medianOf = (values: readonly (number | undefined)[]) =>
  values.map((value) => value ?? Infinity).sort((a, b) => a - b)[values.length >> 1];

/** As `npm run bench:certainty` measures it with more runs: docs/certainty.md. */
describe("the certainty of a gate over a whole run", function () {
  this.timeout("2m");
  const success: GateDefinition = { name: "ok", kind: "success-rate", min: 99 };
  const baseline: GateDefinition = { name: "as good", kind: "baseline", margin: 1 };
  const latency: GateDefinition = { name: "fast", kind: "latency", maxMs: 100 };
  const threeSteps = { steps: [20, 20, 20], takeovers: [25] };

  const kept: [name: string, simulation: Simulation][] = [
    ["that fails as much as is allowed", { gate: success, target: { failing: always(0.01) }, others: {} }],
    ["that does so in several steps", { gate: success, target: { failing: always(0.01) }, others: {}, ...threeSteps }],
    [
      "that is worse than the others by as much as is allowed",
      { gate: baseline, target: { failing: always(0.02) }, others: { failing: always(0.01) } },
    ],
    [
      "that is so in several steps",
      { gate: baseline, target: { failing: always(0.02) }, others: { failing: always(0.01) }, ...threeSteps },
    ],
    ["that is as slow as is allowed", { gate: latency, target: { slow: always(0.01) }, others: {} }],
    [
      "that is slower than the others by as much as is allowed",
      {
        gate: { ...baseline, latency: {} },
        target: { slow: always(0.09) },
        others: { slow: always(0.04) },
      },
    ],
  ];
  for (const [name, simulation] of kept) {
    it(`a version ${name} is sent back in at most 5% of the runs`, async () => {
      const back = sentBack(await outcomesOf(simulation));
      assert.ok(back <= 0.05 * RUNS, `${back} of ${RUNS}`);
    });
  }

  const broken: [name: string, most: number, simulation: Simulation][] = [
    [
      "that fails five times as often as is allowed",
      3,
      { gate: success, target: { failing: always(0.05) }, others: {} },
    ],
    [
      "that is worse by twice the margin",
      27,
      { gate: baseline, target: { failing: always(0.03) }, others: { failing: always(0.01) } },
    ],
    ["that is slow five times as often", 3, { gate: latency, target: { slow: always(0.05) }, others: {} }],
    [
      "that turns bad after 30 samples",
      41,
      { gate: success, target: { failing: (sample) => (sample < 30 ? 0.001 : 0.05) }, others: {} },
    ],
  ];
  for (const [name, most, simulation] of broken) {
    it(`a version ${name} is sent back after ${most} samples in the median`, async () => {
      const outcomes = await outcomesOf(simulation);
      assert.ok(sentBack(outcomes) >= 0.95 * RUNS, `${sentBack(outcomes)} of ${RUNS}`);
      const median = medianOf(outcomes.map(({ sentBack: after }) => after));
      assert.ok(median <= most, `${median} samples`);
    });
  }

  it("a version that fails twice as often as is allowed is sent back in at least 95% of the runs", async () => {
    const back = sentBack(await outcomesOf({ gate: success, target: { failing: always(0.02) }, others: {} }));
    assert.ok(back >= 0.95 * RUNS, `${back} of ${RUNS}`);
  });

  it("a good version passes soon", async () => {
    for (const gate of [success, baseline]) {
      const outcomes = await outcomesOf({
        gate,
        target: { failing: always(0.001) },
        others: { failing: always(0.001) },
        steps: [10],
      });
      assert.ok(medianOf(outcomes.map(({ passed }) => passed)) <= 7, gate.kind);
      assert.ok(outcomes.filter(({ passedAtEnds }) => passedAtEnds).length >= 0.9 * RUNS, gate.kind);
    }
  });

  it("a version beyond the margin passes in at most 5% of the runs", async () => {
    const outcomes = await outcomesOf({
      gate: baseline,
      target: { failing: always(0.0201) },
      others: { failing: always(0.01) },
    });
    const passed = outcomes.filter(({ passed: after }) => after !== undefined).length;
    assert.ok(passed <= 0.05 * RUNS, `${passed} of ${RUNS}`);
  });
});
