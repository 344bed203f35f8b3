import type { MatchArgs } from "../../istio/match";
import type { Plain } from "../../istio/plain";
import { type RouteArgs, isShared } from "../../istio/route";
import type { Findings } from "../../validation/problem";
import { Inexpressible, NEVER, narrowed } from "../../istio/narrowedMatch";

type Route = Plain<RouteArgs>;
type Match = Plain<MatchArgs>;

/** Whether a route's requests are shared by the app's weights, so that a rollout moves them. */
export function followsWeights(route: Route): boolean {
  return isShared(route) && route.weights === undefined && !passesThrough(route, "route");
}

/** Whether the route has a field of Istio's own in the place of ours. */
function passesThrough({ extra }: Route, name: string): boolean {
  return typeof extra === "object" && extra !== null && Object.hasOwn(extra, name);
}

/** The routes, those that follow the weights with copies of their requests for the target; copies for others stay. */
export function mirroredRoutes(
  routes: readonly Route[],
  target: string,
  percentage: number,
  findings: Findings,
): Route[] {
  return routes.map((route, index) => {
    if (!followsWeights(route)) {
      return route;
    }
    for (const name of ["mirrors", "mirror"].filter((each) => passesThrough(route, each))) {
      findings
        .field(index)
        .field("extra")
        .field(name)
        .add("is set, and would replace the rollout's mirrors", "use the argument mirrors instead, or remove it");
    }
    const others = (route.mirrors ?? []).filter(({ version }) => version !== target);
    return { ...route, mirrors: [...others, { version: target, percentage }] };
  });
}

/**
 * The routes, each that follows the weights with one before it that sends those of its requests to the target which one
 * of the matches takes. It is a copy in everything else: rewrites, timeouts and headers are the same for the target,
 * and requests that had no route have none now.
 *
 * @param matches Where they are wrong beside a route, it is recorded at `matchFindings`.
 */
export function matchedRoutes(
  routes: readonly Route[],
  target: string,
  matches: readonly Match[],
  findings: Findings,
  matchFindings: Findings,
): Route[] {
  const problems = findings.all().length + matchFindings.all().length;
  const result = routes.flatMap((route, index) => {
    if (!followsWeights(route)) {
      return [route];
    }
    if (passesThrough(route, "match")) {
      findings
        .field(index)
        .field("extra")
        .field("match")
        .add("is set, and would replace the rollout's match", "use the argument match instead, or remove it");
      return [route];
    }
    const match = (route.match ?? [{}]).flatMap((own, place) =>
      together(own, `routes[${index}].match[${place}]`, matches, matchFindings),
    );
    const name = route.name === undefined ? {} : { name: `${route.name}-${target}` };
    return match.length === 0 ? [route] : [{ ...route, ...name, match, version: target }, route];
  });
  if (result.length === routes.length && matchFindings.all().length + findings.all().length === problems) {
    matchFindings.add(
      "matches no request of any route that is split by the weights",
      "expected a match that some of their requests satisfy",
    );
  }
  return result;
}

function together(own: Match, place: string, matches: readonly Match[], findings: Findings): Match[] {
  return matches.flatMap((match, index) => {
    const both = narrowed(match, own);
    if (both instanceof Inexpressible) {
      const what = `has ${both.field}, and so has ${place}`;
      findings.field(index).add(what, "Istio cannot combine both: remove it here, or match by something else");
      return [];
    }
    return both === NEVER ? [] : [both];
  });
}
