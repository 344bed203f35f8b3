import type { UsersSaw } from "../run/event";
import type { Figures, RunStory } from "./story";

/** What users saw of a run. */
export interface Seen extends UsersSaw {
  /** By version, in the plan's order, as the samples counted them; those without any request too. */
  versions: Readonly<Record<string, UsersSaw>>;
}

/**
 * What the run's source counted. The sum is what the run's end tells, where it tells it: the last requests come after the last sample.
 *
 * @returns undefined where nothing was counted.
 */
export function seenByUsers({ samples, versions, events }: RunStory): Seen | undefined {
  const counted = samples.filter(({ traffic }) => Object.keys(traffic).length > 0);
  const sum = (version: string, field: keyof Pick<Figures, "requests" | "failures">): number => counted.reduce((total, { traffic }) => total + (traffic[version]?.[field] ?? 0), 0);
  const byVersion = Object.fromEntries(versions.map((version) => [version, { requests: sum(version, "requests"), failures: sum(version, "failures") }]));
  const told = events.flatMap((event) => ("users" in event && event.users !== undefined ? [event.users] : [])).at(-1);
  if (told === undefined && counted.length === 0) {
    return undefined;
  }
  const summed = Object.values(byVersion).reduce((total, { requests, failures }) => ({ requests: total.requests + requests, failures: total.failures + failures }), { requests: 0, failures: 0 });
  return { versions: byVersion, ...(told ?? summed) };
}
