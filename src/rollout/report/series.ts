import type { Timeline } from "./timeline";

/** One value at one time; `undefined` where nothing is known, so that a line has a gap there. */
export interface Point {
  /** In ms since the epoch. */
  at: number;
  value: number | undefined;
}

/** What is plotted of one version. */
export interface VersionSeries {
  version: string;
  /** The desired share in percent; each value holds until the next. */
  desired: readonly Point[];
  /** The share of all answered requests that it answered, in percent. */
  actual: readonly Point[];
  /** How many of its requests succeeded, in percent. */
  success: readonly Point[];
  /** In ms. */
  p99: readonly Point[];
}

/** A run's metrics over time, by version. */
export function seriesOf(timeline: Timeline): VersionSeries[] {
  const { samples, desired, versions, lastAt } = timeline;
  const withTraffic = samples.filter(({ traffic }) => Object.keys(traffic).length > 0);
  return versions.map((version) => ({
    version,
    desired: [
      ...desired.map(({ at, weights }) => ({ at, value: weights[version] ?? 0 })),
      { at: lastAt, value: desired.at(-1)?.weights[version] ?? 0 },
    ],
    actual: withTraffic.map(({ at, traffic }) => {
      const all = Object.values(traffic).reduce((sum, { requests }) => sum + requests, 0);
      return { at, value: all === 0 ? undefined : (100 * (traffic[version]?.requests ?? 0)) / all };
    }),
    success: withTraffic.map(({ at, traffic }) => {
      const { requests = 0, failures = 0 } = traffic[version] ?? {};
      return { at, value: requests === 0 ? undefined : (100 * (requests - failures)) / requests };
    }),
    p99: withTraffic.map(({ at, traffic }) => ({
      at,
      value: (traffic[version]?.requests ?? 0) === 0 ? undefined : traffic[version]?.p99,
    })),
  }));
}
