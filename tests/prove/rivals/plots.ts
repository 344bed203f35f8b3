import { rowPlot, type Row } from "../report/rowPlot";
import { seconds } from "./figures";
import type { Result } from "./results";
import { SLICE_SECONDS, type Slice, type Stretch } from "./stretch";

/** The document's plots by their files, from the stored results: for each contender its typical run. */
export function rivalsPlots(results: readonly Result[]): ReadonlyMap<string, string> {
  const judging = results.filter(({ runs }) => runs.some(({ bad }) => bad !== undefined));
  return new Map([
    ...(results.length === 0 ? [] : [["comparison-rollout.svg", rollOuts(results)] as const]),
    ...(judging.length === 0 ? [] : [["comparison-bad-version.svg", badVersions(judging)] as const]),
  ]);
}

/** The median of several runs, or the one before the middle. */
function typical(stretches: readonly Stretch[]): Stretch {
  return [...stretches].sort((a, b) => a.seconds - b.seconds)[(stretches.length - 1) >> 1];
}

/** The new version's share of the responses. */
function rollOuts(results: readonly Result[]): string {
  const rows = results.map(({ contender, runs }): Row => {
    const rollOut = typical(runs.map((run) => run.rollOut));
    const course = until(rollOut.course, rollOut.seconds);
    return {
      name: contender.name,
      note: `${seconds(rollOut.seconds)}, ${rollOut.failed} failed`,
      values: course.map(({ tried, requests }) => (requests === 0 ? undefined : (tried / requests) * 100)),
      marked: failing(course),
    };
  });
  return rowPlot({
    title: "A rollout in five steps: the new version's share of the answers",
    mark: "requests failed",
    most: 100,
    mostText: "100%",
    sliceSeconds: SLICE_SECONDS,
    rows,
  });
}

/** How many of the users' requests failed in each second. */
function badVersions(results: readonly Result[]): string {
  const rows = results.map(({ contender, runs }): Row => {
    const bad = typical(runs.flatMap((run) => run.bad ?? []));
    const first = bad.course.findIndex(({ failed }) => failed > 0);
    const course = until(bad.course.slice(Math.max(first, 0)), bad.seconds);
    return {
      name: contender.name,
      note: `${seconds(bad.seconds)}, ${bad.failed} errors`,
      values: course.map(({ failed }) => failed / SLICE_SECONDS),
      marked: [],
    };
  });
  const most = Math.max(...rows.flatMap(({ values }) => values.map((value) => value ?? 0)));
  return rowPlot({
    title: "A version that answers one request of five with an error: errors per second, from the first one on",
    most,
    mostText: `${most}/s`,
    sliceSeconds: SLICE_SECONDS,
    rows,
  });
}

/** A little more than it took. */
function until(course: readonly Slice[], took: number): readonly Slice[] {
  return course.slice(0, Math.ceil(took / SLICE_SECONDS) + 2);
}

function failing(course: readonly Slice[]): number[] {
  return course.flatMap(({ failed }, slice) => (failed > 0 ? [slice] : []));
}
