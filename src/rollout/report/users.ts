import type { UsersSaw } from "../runner/event";
import { answeredToUsers, plus, total } from "../runner/users";
import type { Timeline } from "./timeline";

/** What users saw of a run. */
export interface Seen extends UsersSaw {
  /**
   * By version, in the plan's order, as the samples counted them; those without any request too, and nothing of copies.
   */
  versions: Readonly<Record<string, UsersSaw>>;
}

/**
 * What the run's source counted. The sum is what the run's end tells, where it tells it: the last requests come after
 * the last sample.
 *
 * @returns undefined where nothing was counted.
 */
export function seenByUsers({ plan, samples, versions, events }: Timeline): Seen | undefined {
  const counted = samples
    .filter(({ traffic }) => Object.keys(traffic).length > 0)
    .map(({ inForce, traffic }) => answeredToUsers(traffic, plan, inForce));
  const none: UsersSaw = { requests: 0, failures: 0 };
  const byVersion = Object.fromEntries(
    versions.map((version) => [version, counted.reduce((sum, traffic) => plus(sum, traffic[version] ?? none), none)]),
  );
  const told = events.flatMap((event) => ("users" in event && event.users !== undefined ? [event.users] : [])).at(-1);
  return told === undefined && counted.length === 0
    ? undefined
    : { versions: byVersion, ...(told ?? total(byVersion)) };
}
