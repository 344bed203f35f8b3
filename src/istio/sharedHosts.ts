import { isObject } from "../internal/objects";
import { hasUnknown } from "../validation/unknown";
import type { MatchArgs } from "./match";
import { Inexpressible, NEVER, narrowed } from "./narrowedMatch";
import type { Plain } from "./plain";
import { matchesOf, takesIn, takesInText } from "./reachability";

/**
 * Why the routes of two VirtualServices cannot share a host at a gateway: they take some of the same requests. Istio
 * does not define which VirtualService's routes come first (today the older one's), so such requests go to either. That
 * includes requests that meet a condition of each, such as two headers, or a path and a header. Undefined if they can,
 * as far as it is known: a regular expression is compared only with the same one. A route that takes every request of a
 * server's port is placed after all others, whichever VirtualService is older.
 *
 * @param one Routes with matches as Istio spells them.
 */
export function overlap(one: readonly unknown[], other: readonly unknown[]): string | undefined {
  const [mine, theirs] = [takenBy(one), takenBy(other)];
  const all = mine.filter(takesAll);
  if (theirs.filter(takesAll).some((their) => all.some((match) => takesIn(match, their) || takesIn(their, match)))) {
    return "both take every request";
  }
  const [some, others] = [mine, theirs].map((matches) => matches.filter((match) => !takesAll(match)));
  for (const match of some) {
    for (const other of others) {
      const both = takesIn(match, other) || takesIn(other, match) ? match : requestsOfBoth(match, other);
      if (both !== undefined) {
        return `both take requests with ${JSON.stringify(both)}`;
      }
    }
  }
  return undefined;
}

/** The requests that certainly meet both matches, if there are any. */
function requestsOfBoth(one: unknown, other: unknown): Plain<MatchArgs> | undefined {
  if (hasUnknown([one, other])) {
    return undefined;
  }
  const both = narrowed(one as Plain<MatchArgs>, other as Plain<MatchArgs>);
  return both === NEVER || both instanceof Inexpressible || mayExclude(both) ? undefined : both;
}

/** Whether a match may require a header that it also excludes. */
function mayExclude({ headers, withoutHeaders = {} }: Plain<MatchArgs>): boolean {
  return Object.entries(withoutHeaders).some(([name, excluded]) => {
    const wanted = headers?.[name];
    const isText = [wanted, excluded].every((text) => text?.exact !== undefined || text?.prefix !== undefined);
    return wanted !== undefined && (!isText || takesInText(excluded, wanted));
  });
}

/**
 * All matches of some routes that apply at gateways; an empty one for a route that takes every request. Unknown ones are
 * omitted.
 */
function takenBy(routes: readonly unknown[]): unknown[] {
  return routes.flatMap((route) => {
    const matches = matchesOf(route);
    return matches?.length === 0 ? [{}] : (matches ?? []).filter((match) => isObject(match) && !isOfMesh(match));
  });
}

/** Whether a match is for callers inside the mesh alone. */
function isOfMesh({ gateways }: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(gateways) && gateways.length > 0 && gateways.every((name) => name === "mesh");
}

/** Whether it takes every request, or every one that comes through servers of one port. */
function takesAll(match: unknown): boolean {
  return isObject(match) && takesIn({ ...match, port: undefined }, {});
}
