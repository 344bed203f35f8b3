import { isObject } from "../internal/objects";
import { hasUnknown } from "../validation/unknown";
import type { MatchArgs } from "./match";
import { Inexpressible, NEVER, narrowed } from "./narrowedMatch";
import type { Plain } from "./plain";
import { matchesOf, takesIn, takesInText } from "./reachability";

/**
 * Why the routes of two VirtualServices cannot share a host at a gateway: they take some of the same requests. Istio
 * puts the routes of one behind those of the other in an order that it does not define (today by age), so that such
 * requests go to either: also those that meet a condition of each, such as two headers, or a path and a header.
 * Undefined if they can, as far as it is known: regular expressions are compared with themselves alone. One that takes
 * every request of a server's port goes behind all others, whichever is older.
 *
 * @param one Routes as Istio spells their matches.
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

/** Whether a match may want a header to be there that it wants not to be there. */
function mayExclude({ headers, withoutHeaders = {} }: Plain<MatchArgs>): boolean {
  return Object.entries(withoutHeaders).some(([name, excluded]) => {
    const wanted = headers?.[name];
    const isText = [wanted, excluded].every((text) => text?.exact !== undefined || text?.prefix !== undefined);
    return wanted !== undefined && (!isText || takesInText(excluded, wanted));
  });
}

/**
 * All matches of some routes that count at gateways; an empty one for a route that takes every request. What is not
 * known is left out.
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
