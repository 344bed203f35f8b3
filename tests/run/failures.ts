/** A test, or a hook, that failed. */
export interface Failure {
  /** Its whole title. */
  test: string;
  /** What was thrown. */
  message: string;
  /** Where in the tests, as `tests/FILE:LINE:COLUMN`, where that is known. */
  place?: string;
}

/** A part of a run, and what failed in it. */
export interface FailedPart {
  lane: string;
  /** How many tests failed. */
  failed: number;
  /** Those of them that are known by name. */
  failures: readonly Failure[];
}

/** How many lines of a message are repeated. */
const LINES = 16;

/** Repeats what failed, for whoever sees only the end of a run's output; empty where nothing did. */
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
