import { ownName } from "../plan/planApps";
import type { UsersSaw } from "../runner/event";
import { answeredToUsers, plus, total } from "../runner/users";
import type { Timeline } from "./timeline";

/** What users saw of a run. */
export interface Seen extends UsersSaw {
  /**
   * By version, in the plan's order, as the samples counted them; those without any request too, and nothing of copies.
   * Where several apps take the same steps, a version is called with its app: `cart v2`.
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
  const { others = [] } = plan;
  const own = samples
    .filter(({ traffic }) => Object.keys(traffic).length > 0)
    .map(({ inForce, traffic }) => answeredToUsers(traffic, plan, inForce));
  const apps = [
    { prefix: others.length === 0 ? "" : `${ownName(plan)} `, versions, counted: own },
    ...others.map((other) => ({
      prefix: `${other.name} `,
      versions: other.versions,
      counted: samples.map((sample) => sample.others[other.name]).filter((traffic) => traffic !== undefined),
    })),
  ];
  const none: UsersSaw = { requests: 0, failures: 0 };
  const byVersion = Object.fromEntries(
    apps.flatMap((app) =>
      app.versions.map((version) => [
        `${app.prefix}${version}`,
        app.counted.reduce((sum, traffic) => plus(sum, traffic[version] ?? none), none),
      ]),
    ),
  );
  const told = events.flatMap((event) => ("users" in event && event.users !== undefined ? [event.users] : [])).at(-1);
  return told === undefined && apps.every(({ counted }) => counted.length === 0)
    ? undefined
    : { versions: byVersion, ...(told ?? total(byVersion)) };
}
