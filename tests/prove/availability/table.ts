import { keptResults } from "../results";
import { KINDS } from "./kinds";
import { type KindResult, failuresOf } from "./measure";

/** The results as a table in Markdown; undefined if there are none. */
export function availabilityTable(): string | undefined {
  const results = keptResults<KindResult>("availability");
  const rows = KINDS.flatMap(({ name }) => results.get(name) ?? []).map(row);
  if (rows.length === 0) {
    return undefined;
  }
  return [
    "| what changes | repetitions | `up`s | requests | a second | failed | p99 |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows,
  ].join("\n");
}

function row(result: KindResult): string {
  const requests = requestsOf(result);
  const p99 = Math.max(...result.lanes.map(({ p99Ms }) => p99Ms));
  const cells = [
    result.changes,
    result.repetitions,
    result.ups,
    requests.toLocaleString("en-US"),
    Math.round(requests / result.seconds),
    failedText(result),
    `${p99} ms`,
  ];
  return `| ${cells.join(" | ")} |`;
}

/** The number of requests. */
export function requestsOf({ lanes }: KindResult): number {
  return lanes.reduce((sum, { requests }) => sum + requests, 0);
}

/** The number of failed requests, by status. */
export function failedText(result: KindResult): string {
  const failures = Object.entries(failuresOf(result));
  const total = failures.reduce((sum, [, count]) => sum + count, 0);
  return total === 0
    ? "0"
    : `${total} (${failures.map(([code, count]) => `${count} × ${code === "-1" ? "no answer" : code}`).join(", ")})`;
}
