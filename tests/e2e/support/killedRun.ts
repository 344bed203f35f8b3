import { appendFileSync } from "node:fs";

/** One run whose process was killed at a random moment. Times are in ms since its start. */
export interface KilledRun {
  after: number;
  /** How long a run takes that is not killed. */
  whole: number;
  /** The last that the process had written into the journal; "nothing" where it had not begun the run. */
  journal: string;
  /** How the run has ended in the end. */
  end: string;
  requests: number;
  failed: number;
}

/** The variable that names the file to which each such run is added, as a line of JSON. */
export const KILLED_RUNS = "KILLED_RUNS";

/** Tells of one: on the terminal, and in the file if one is wanted. */
export function tellKilledRun(run: KilledRun): void {
  console.log(
    `      killed after ${seconds(run.after)} of ${seconds(run.whole)}; last in the journal: ${run.journal}; ${run.failed} of ${run.requests} requests failed`,
  );
  const file = process.env[KILLED_RUNS];
  if (file !== undefined) {
    appendFileSync(file, `${JSON.stringify(run)}\n`);
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
