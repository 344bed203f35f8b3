import type { GateDefinition } from "../../src/rollout/gates/gate";
import { count, percent } from "../../src/internal/format";
import { type Outcome, randomNumbers, type Simulation, simulate } from "../unit/rollout/support/simulatedRun";
import { median } from "./measuring";

const RUNS = Number(process.env.CERTAINTY_RUNS ?? 2000);
const SEED = 20261130;

/** A row: what is true, and what is simulated. */
type Row = [truth: string, simulation: Omit<Simulation, "gate">];

const always = (share: number) => () => share;
const failing = (target: number, others = 0.01): Pick<Simulation, "target" | "others"> => ({
  target: { failing: always(target) },
  others: { failing: always(others) },
});
const slow = (target: number, others = 0.01): Pick<Simulation, "target" | "others"> => ({
  target: { slow: always(target) },
  others: { slow: always(others) },
});

const SUCCESS: GateDefinition = { name: "errors", kind: "success-rate", min: 99 };
const BASELINE: GateDefinition = { name: "as good", kind: "baseline", margin: 1 };
const LATENCY: GateDefinition = { name: "fast", kind: "latency", percentile: 99, maxMs: 100 };
const AS_FAST: GateDefinition = {
  name: "as fast",
  kind: "baseline",
  margin: 1,
  latency: { percentile: 95, margin: 5 },
};

/** One step of 60 samples of 100 requests to the target and 900 to the others, sent back after 3 failed in a row. */
const ONE_STEP: [GateDefinition, Row[]][] = [
  [
    SUCCESS,
    [
      ["0% fail", failing(0)],
      ["0.5% fail", failing(0.005)],
      ["0.9% fail", failing(0.009)],
      ["1% fail: all that is allowed", failing(0.01)],
      ["2% fail", failing(0.02)],
      ["5% fail", failing(0.05)],
    ],
  ],
  [
    BASELINE,
    [
      ["0% fail, 0% of the others'", failing(0, 0)],
      ["1% fail, 1% of the others'", failing(0.01)],
      ["2% fail, 1% of the others': all that is allowed", failing(0.02)],
      ["3% fail, 1% of the others'", failing(0.03)],
      ["6% fail, 1% of the others'", failing(0.06)],
      ["30% fail, 30% of the others'", failing(0.3, 0.3)],
      ["31% fail, 30% of the others': all that is allowed", failing(0.31, 0.3)],
    ],
  ],
  [
    LATENCY,
    [
      ["0.5% are slow", slow(0.005)],
      ["1% are slow: all that is allowed", slow(0.01)],
      ["2% are slow", slow(0.02)],
      ["5% are slow", slow(0.05)],
    ],
  ],
];

const DURATIONS_COMPARED: [GateDefinition, Row[]][] = [
  [
    AS_FAST,
    [
      ["4% are slow, 4% of the others'", slow(0.04, 0.04)],
      ["9% are slow, 4% of the others': all that is allowed", slow(0.09, 0.04)],
      ["15% are slow, 4% of the others'", slow(0.15, 0.04)],
    ],
  ],
];

/** Three steps of 20 samples; in the second, another process continues the run and knows only what it counts itself. */
const THREE_STEPS = { steps: [20, 20, 20], takeovers: [25] };
const SEVERAL_STEPS: [GateDefinition, Row[]][] = [
  [SUCCESS, [["1% fail: all that is allowed", { ...failing(0.01), ...THREE_STEPS }]]],
  [BASELINE, [["2% fail, 1% of the others': all that is allowed", { ...failing(0.02), ...THREE_STEPS }]]],
  [LATENCY, [["1% are slow: all that is allowed", { ...slow(0.01), ...THREE_STEPS }]]],
  [AS_FAST, [["9% are slow, 4% of the others': all that is allowed", { ...slow(0.09, 0.04), ...THREE_STEPS }]]],
];

/** Good for 30 samples, and then bad: in a step, and from a step's first sample on. */
const from = (sample: number, share: number) => (at: number) => (at < sample ? 0.001 : share);
const TURNED: [GateDefinition, Row[]][] = [
  [
    SUCCESS,
    [
      ["0.1% fail, from sample 31 on 5%", { target: { failing: from(30, 0.05) }, others: {} }],
      ["the same, and a step begins there", { target: { failing: from(30, 0.05) }, others: {}, steps: [30, 30] }],
    ],
  ],
  [
    BASELINE,
    [
      [
        "0.1% fail, from sample 31 on 6%; 0.1% of the others'",
        { target: { failing: from(30, 0.06) }, others: { failing: always(0.001) } },
      ],
      [
        "the same, and a step begins there",
        { target: { failing: from(30, 0.06) }, others: { failing: always(0.001) }, steps: [30, 30] },
      ],
    ],
  ],
];

async function main(): Promise<void> {
  const few = Math.ceil(RUNS / 4);
  await table("One step of 60 samples", ONE_STEP, RUNS);
  await table("The same, with durations compared", DURATIONS_COMPARED, few);
  await table("Three steps of 20 samples, continued by another process after sample 25", SEVERAL_STEPS, few);
  await table("A version that turns bad", TURNED, few);
}

async function table(title: string, gates: readonly [GateDefinition, readonly Row[]][], runs: number): Promise<void> {
  console.log(`${title}, ${count(runs)} runs for each row, seed ${SEED}:\n`);
  console.log(
    "| gate | truth | sent back | after samples (median) | first pass after samples (median) | passes in each step's last sample | never passes |",
  );
  console.log("| --- | --- | --- | --- | --- | --- | --- |");
  for (const [gate, rows] of gates) {
    for (const [index, [truth, simulation]] of rows.entries()) {
      const outcomes = await outcomesOf({ ...simulation, gate }, runs);
      const sentBack = outcomes.flatMap(({ sentBack: after }) => (after === undefined ? [] : [after]));
      const passed = outcomes.flatMap(({ passed: after }) => (after === undefined ? [] : [after]));
      const cells = [
        index === 0 ? described(gate) : "",
        truth,
        percent(sentBack.length / runs),
        sentBack.length > runs / 2 ? String(median(withTheRest(sentBack, runs))) : "",
        passed.length > runs / 2 ? String(median(withTheRest(passed, runs))) : "",
        percent(outcomes.filter(({ passedAtEnds }) => passedAtEnds).length / runs),
        percent(1 - passed.length / runs),
      ];
      console.log(`| ${cells.join(" | ")} |`);
    }
  }
  console.log("");
}

/** With the runs in which it never happened, as if it had after all others. */
function withTheRest(samples: readonly number[], runs: number): number[] {
  return [...samples, ...Array.from({ length: runs - samples.length }, () => Infinity)];
}

async function outcomesOf(simulation: Simulation, runs: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let run = 0; run < runs; run++) {
    outcomes.push(await simulate(simulation, randomNumbers(SEED + run)));
  }
  return outcomes;
}

function described({ name: _, ...definition }: GateDefinition): string {
  return `\`${JSON.stringify(definition).replaceAll('"', "").replaceAll(/[:,]/g, "$& ")}\``;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
