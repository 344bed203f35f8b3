/** How long a suite, or another part of a run, took. */
export interface TimedSuite {
  /** What it was part of. */
  lane: string;
  suite: string;
  tests: number;
  seconds: number;
}

/** A table of durations, without anything under a second: where a run's time goes. */
export function timetable(suites: readonly TimedSuite[]): string {
  const rows = suites.filter(({ seconds }) => seconds >= 1);
  const widths = [
    width(
      rows.map(({ lane }) => lane),
      "lane",
    ),
    width(
      rows.map(({ suite }) => suite),
      "suite",
    ),
  ];
  const line = (lane: string, suite: string, tests: string, seconds: string) =>
    `${lane.padEnd(widths[0])}  ${suite.padEnd(widths[1])}  ${tests.padStart(5)}  ${seconds.padStart(7)}\n`;
  const told = rows.map(({ lane, suite, tests, seconds }) => line(lane, suite, `${tests}`, `${Math.round(seconds)}`));
  return [line("lane", "suite", "tests", "seconds"), ...told].join("");
}

function width(texts: readonly string[], heading: string): number {
  return Math.max(...[heading, ...texts].map(({ length }) => length));
}
