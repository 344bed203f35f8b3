import { markdownTable } from "../report/markdown";
import { keptResults } from "../results";
import type { ProcessUse } from "../../bench/processUse";
import { median } from "../../bench/measuring";
import { CONTENDERS } from "./contenders";
import type { Measured, Stretch } from "./measure";

/** The document's tables, from the results that are kept; undefined where there are none. */
export async function rivalsTable(): Promise<string | undefined> {
  const kept = keptResults<Measured>("rivals");
  const measured = CONTENDERS.flatMap((contender) => {
    const result = kept.get(contender.name);
    return result === undefined ? [] : [{ contender, result }];
  });
  if (measured.length === 0) {
    return undefined;
  }
  const rows = (cells: (each: (typeof measured)[number]) => string[]) => measured.map((each) => [each.contender.title, ...cells(each)]);
  return [
    markdownTable(["", "a step, asked → followed", "0 → 100 in five steps", "failed", "a version replaced at once", "failed", "back from 80 %", "failed"], rows(({ result }) => [
      seconds(median(result.steps)), ...stretch(result.rollOut), ...stretch(result.replace), ...stretch(result.back),
    ])),
    markdownTable(["", "a bad version: first error → last", "errors that users saw", "memory, idle", "memory, rolling, at most", "CPU, idle", "CPU, a rollout"], rows(({ result: { bad, idle, rolling } }) => [
      ...(bad === undefined ? ["nothing judges it", "–"] : [seconds(bad.seconds), String(bad.failed)]), megabytes(idle), megabytes(rolling), percent(idle), `${rolling.cpuSeconds.toFixed(1)} s`,
    ])),
    markdownTable(["", "how it was set up", "how single steps were asked for", "what a reviewer sees before"], rows(({ contender: { setup, asked, review } }) => [setup, asked, review])),
  ].join("\n\n");
}

function stretch({ seconds: took, failed, requests }: Stretch): string[] {
  return [seconds(took), `${failed} of ${requests.toLocaleString("en-US")}`];
}

function seconds(value: number): string {
  return Number.isNaN(value) ? "not seen" : `${value.toFixed(1)} s`;
}

function megabytes({ peakMb }: ProcessUse): string {
  return `${Math.round(peakMb)} MB`;
}

function percent({ cpuSeconds, seconds: watched }: ProcessUse): string {
  return `${((cpuSeconds / watched) * 100).toFixed(1)} %`;
}
