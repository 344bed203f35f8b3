import type { KilledRun } from "../../e2e/support/killedRun";

/** The last event in a journal, in the order of a run. */
const MOMENTS: Readonly<Record<string, string>> = {
  nothing: "the run has not begun",
  started: "the stack is brought up as it is",
  prepared: "the first step begins",
  shifting: "an `up` moves the traffic",
  shifted: "the traffic converges",
  converged: "a step is held, before its first sample",
  sampled: "a step is held and gates are asked",
  held: "a step is over",
  promoted: "the run has ended",
};

/** The runs by what they were doing when they were killed, as a table in Markdown; undefined if there are none. */
export function killsTable(runs: readonly KilledRun[]): string | undefined {
  if (runs.length === 0) {
    return undefined;
  }
  const kinds = [...new Set([...Object.keys(MOMENTS), ...runs.map(({ journal }) => journal)])];
  const rows = kinds
    .map((kind) => [MOMENTS[kind] ?? kind, runs.filter(({ journal }) => journal === kind)] as const)
    .filter(([, some]) => some.length > 0);
  return [
    "| killed while | runs | after, of a whole run | promoted in the end | requests | failed |",
    "| --- | ---: | --- | ---: | ---: | ---: |",
    ...rows.map(([moment, some]) => row(moment, some)),
    row("all", runs),
  ].join("\n");
}

function row(moment: string, runs: readonly KilledRun[]): string {
  const sum = (of: "requests" | "failed") => runs.reduce((total, run) => total + run[of], 0);
  const parts = runs.map(({ after, whole }) => Math.round((100 * after) / whole)).sort((a, b) => a - b);
  const range = parts[0] === parts.at(-1) ? `${parts[0]}%` : `${parts[0]}–${parts.at(-1)}%`;
  return `| ${[moment, runs.length, range, runs.filter(({ end }) => end === "promoted").length, sum("requests").toLocaleString("en-US"), sum("failed")].join(" | ")} |`;
}
