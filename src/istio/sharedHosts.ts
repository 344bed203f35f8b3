import { isObject } from "../internal/objects";
import { matchesOf, takesIn } from "./reachability";

/**
 * Why the routes of two VirtualServices cannot share a host at a gateway: they take some of the same requests, and only
 * the older VirtualService would get those. Undefined if they can, as far as it is known. A route that takes every
 * request of a server's port is placed after all others, whichever VirtualService is older.
 *
 * @param one Routes with matches as Istio spells them.
 */
export function overlap(one: readonly unknown[], other: readonly unknown[]): string | undefined {
  const [mine, theirs] = [takenBy(one), takenBy(other)];
  const all = mine.filter(takesAll);
  if (theirs.filter(takesAll).some((their) => all.some((match) => takesIn(match, their) || takesIn(their, match)))) {
    return "both take every request";
  }
  const narrow = (matches: unknown[]) => matches.filter((match) => !takesAll(match));
  const meets = narrow(mine).find((match) =>
    narrow(theirs).some((their) => takesIn(match, their) || takesIn(their, match)),
  );
  return meets === undefined ? undefined : `both take requests with ${JSON.stringify(meets)}`;
}

/** All matches of some routes; an empty one for a route that takes every request. Unknown ones are omitted. */
function takenBy(routes: readonly unknown[]): unknown[] {
  return routes.flatMap((route) => {
    const matches = matchesOf(route);
    return matches?.length === 0 ? [{}] : (matches ?? []).filter(isObject);
  });
}

/** Whether it takes every request, or every one that comes through servers of one port. */
function takesAll(match: unknown): boolean {
  return isObject(match) && takesIn({ ...match, port: undefined }, {});
}
