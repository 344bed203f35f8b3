import type { ResourceChange } from "../change/resourceChange";
import { type Route, stackRoutes } from "./currentRoutes";

/** A route before and after the change; one of the two is missing if it is added or removed. */
export interface RouteDiff {
  object: string;
  /** The hosts, as they will be. */
  hosts: readonly string[];
  requests: string;
  before?: Route;
  after?: Route;
  /** Every destination's share before and after, in percent; the first before the last. */
  shares: readonly ShareDiff[];
  /** The part of the route's requests that goes elsewhere than before, in percentage points. */
  moved: number;
}

/** One destination's share of a route's requests. */
export interface ShareDiff {
  to: string;
  /** Percent; 0 where the route did not name it. */
  before: number;
  /** Percent; 0 where the route no longer names it. */
  after: number;
}

/** All routes of the stack, changed or not, in the order in which the proxies try them. */
export function trafficDiff(resources: readonly ResourceChange[]): RouteDiff[] {
  return movedBetween(stackRoutes(resources, "before"), stackRoutes(resources, "after"));
}

/** How the routes of one time became those of another. */
export function movedBetween(old: readonly Route[], now: readonly Route[]): RouteDiff[] {
  const [before, after] = [keyed(old), keyed(now)];
  const gone = [...before.keys()].filter((key) => !after.has(key));
  return [...after.keys(), ...gone].map((key) => routeDiff(before.get(key), after.get(key)));
}

/** Whether the route takes other requests than before, or sends them elsewhere. */
export function isChanged({ before, after, moved }: RouteDiff): boolean {
  return before === undefined || after === undefined || moved > 0 || before.answer !== after.answer;
}

function routeDiff(before: Route | undefined, after: Route | undefined): RouteDiff {
  const { object, hosts, requests } = (after ?? before) as Route;
  const names = [...new Set([...(before?.shares ?? []), ...(after?.shares ?? [])].map(({ to }) => to))];
  const shares = names.map((to) => ({ to, before: percent(before, to), after: percent(after, to) }));
  const moved =
    before === undefined || after === undefined
      ? 0
      : shares.reduce((sum, share) => sum + Math.max(0, share.after - share.before), 0);
  return { object, hosts, requests, ...(before && { before }), ...(after && { after }), shares, moved };
}

/** A destination can be named twice in a route. */
function percent(route: Route | undefined, to: string): number {
  return (route?.shares ?? []).filter((share) => share.to === to).reduce((sum, share) => sum + share.percent, 0);
}

/** Routes by what they take; the second of two that take the same is told apart by its place. */
function keyed(routes: readonly Route[]): Map<string, Route> {
  const counts = new Map<string, number>();
  return new Map(
    routes.map((route) => {
      const taken = JSON.stringify([route.object, route.requests]);
      const place = (counts.get(taken) ?? 0) + 1;
      counts.set(taken, place);
      return [`${taken} #${place}`, route];
    }),
  );
}
