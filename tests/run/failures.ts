/** A failed test or hook. */
export interface Failure {
  /** Its full title. */
  test: string;
  /** What was thrown. */
  message: string;
  /** Where in the tests, as `tests/FILE:LINE:COLUMN`, if that is known. */
  place?: string;
}

/** A part of a run, and its failures. */
export interface FailedPart {
  lane: string;
  /** How many tests failed. */
  failed: number;
  /** Those of them whose names are known. */
  failures: readonly Failure[];
}

/** How many lines of a message are printed. */
const LINES = 16;

/** Lists the failures again, for readers who see only the end of a run's output; empty if there were none. */
export function failureList(parts: readonly FailedPart[]): string {
  return parts
    .filter(({ failed }) => failed > 0)
    .map(listed)
    .join("");
}

function listed({ lane, failed, failures }: FailedPart): string {
  const named = failures.map(({ test, message, place }) => {
    const lines = [...message.trim().split("\n").slice(0, LINES), ...(place === undefined ? [] : [`at ${place}`])];
    return `FAILED ${lane}: ${test}\n${lines.map((line) => `  ${line}\n`).join("")}`;
  });
  const others = failed - failures.length;
  return [...named, ...(others > 0 ? [`FAILED ${lane}: ${others} more; see its output above\n`] : [])].join("");
}
