import { median } from "../../bench/measuring";
import type { ProcessUse } from "../../bench/processUse";
import { markdownTable } from "../report/markdown";
import { figures, seconds } from "./figures";
import type { Result } from "./results";
import type { Stretch } from "./stretch";

/** The document's tables; undefined if there are no results. */
export function rivalsTable(results: readonly Result[]): string | undefined {
  if (results.length === 0) {
    return undefined;
  }
  const table = (header: readonly string[], cells: (each: Result) => string[]) =>
    markdownTable(
      ["", ...header],
      results.map((each) => [each.contender.title, ...cells(each)]),
    );
  return [
    table(
      [
        "runs",
        "a step, requested → followed",
        "0 → 100 in five steps",
        "failed",
        "a version replaced at once",
        "failed",
        "back from 80%",
        "failed",
      ],
      ({ runs }) => [
        String(runs.length),
        stepText(runs),
        ...stretches(runs, "rollOut"),
        ...stretches(runs, "replace"),
        ...stretches(runs, "back"),
      ],
    ),
    table(
      [
        "a bad version: first error → last",
        "errors that users saw",
        "memory, idle",
        "peak memory, during a rollout",
        "CPU, idle",
        "CPU time of a rollout",
      ],
      ({ runs }) => [
        ...assessment(runs.flatMap(({ bad }) => bad ?? [])),
        megabytes(runs, "idle"),
        megabytes(runs, "rolling"),
        percent(runs.map(({ idle }) => idle)),
        figures(
          runs.map(({ rolling }) => rolling.cpuSeconds),
          seconds,
        ),
      ],
    ),
    table(
      ["how it was set up", "how single steps were requested", "what a reviewer sees in advance"],
      ({ contender: { setup, asked, review } }) => [setup, asked, review],
    ),
  ].join("\n\n");
}

type Runs = Result["runs"];

/** The duration, and how many of the requests of all runs failed. */
function stretches(runs: Runs, which: "rollOut" | "replace" | "back"): string[] {
  const all = runs.map((run) => run[which]);
  const sum = (of: "failed" | "requests") => all.reduce((total, each) => total + each[of], 0);
  return [
    figures(
      all.map((each) => each.seconds),
      seconds,
    ),
    `${sum("failed")} of ${sum("requests").toLocaleString("en-US")}`,
  ];
}

function assessment(bad: readonly Stretch[]): string[] {
  return bad.length === 0
    ? ["no analysis", "–"]
    : [
        figures(
          bad.map((each) => each.seconds),
          seconds,
        ),
        figures(
          bad.map(({ failed }) => failed),
          (count) => String(Math.round(count)),
        ),
      ];
}

/** Of the steps after which the traffic was seen to follow. */
function stepText(runs: Runs): string {
  const seen = runs.flatMap(({ steps }) => steps.flatMap((step) => step ?? []));
  return seen.length === 0 ? "not seen" : figures(seen, seconds);
}

/** The maximum of all runs. */
function megabytes(runs: Runs, when: "idle" | "rolling"): string {
  return `${Math.round(Math.max(...runs.map((run) => run[when].peakMb)))} MB`;
}

function percent(uses: readonly ProcessUse[]): string {
  return `${median(uses.map(({ cpuSeconds, seconds: watched }) => (cpuSeconds / watched) * 100)).toFixed(1)}%`;
}
