import { median } from "../../bench/measuring";
import type { ProcessUse } from "../../bench/processUse";
import { markdownTable } from "../report/markdown";
import { seconds } from "./figures";
import type { Result } from "./results";
import type { Stretch } from "./stretch";

/** The document's tables; undefined where there are no results. */
export function rivalsTable(results: readonly Result[]): string | undefined {
  if (results.length === 0) {
    return undefined;
  }
  const table = (header: readonly string[], cells: (each: Result) => string[]) => markdownTable(["", ...header], results.map((each) => [each.contender.title, ...cells(each)]));
  return [
    table(["a step, asked → followed", "0 → 100 in five steps", "failed", "a version replaced at once", "failed", "back from 80 %", "failed"], ({ measured: { steps, rollOut, replace, back } }) => [
      stepText(steps), ...stretch(rollOut), ...stretch(replace), ...stretch(back),
    ]),
    table(["a bad version: first error → last", "errors that users saw", "memory, idle", "memory, rolling, at most", "CPU, idle", "CPU, a rollout"], ({ measured: { bad, idle, rolling } }) => [
      ...(bad === undefined ? ["nothing judges it", "–"] : [seconds(bad.seconds), String(bad.failed)]), megabytes(idle), megabytes(rolling), percent(idle), seconds(rolling.cpuSeconds),
    ]),
    table(["how it was set up", "how single steps were asked for", "what a reviewer sees before"], ({ contender: { setup, asked, review } }) => [setup, asked, review]),
  ].join("\n\n");
}

function stretch({ seconds: took, failed, requests }: Stretch): string[] {
  return [seconds(took), `${failed} of ${requests.toLocaleString("en-US")}`];
}

/** The middle one of those that were seen to be followed. */
function stepText(steps: readonly (number | null)[]): string {
  const seen = steps.flatMap((step) => step ?? []);
  return seen.length === 0 ? "not seen" : seconds(median(seen));
}

function megabytes({ peakMb }: ProcessUse): string {
  return `${Math.round(peakMb)} MB`;
}

function percent({ cpuSeconds, seconds: watched }: ProcessUse): string {
  return `${((cpuSeconds / watched) * 100).toFixed(1)} %`;
}
