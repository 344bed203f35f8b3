import { isObject } from "../internal/objects";
import type { Findings } from "../validation/problem";
import { isKnown } from "../validation/unknown";

/** A match as far as it is known: any field of it, however deep, may be unknown. */
type Conditions = Readonly<Record<string, unknown>>;

/** What one route takes. A route that is not known, or whose matches are passed through, is not judged. */
interface Taker {
  path: string;
  /** Undefined if it is not known, [] if it takes every request. */
  matches: unknown[] | undefined;
}

/**
 * Records routes and matches that can never apply, because earlier ones take all of their requests. Istio accepts them
 * silently. Only certain cases are refused: texts are compared with `exact` and `prefix`, regular expressions only if
 * they are identical.
 */
export function checkReachable(routes: readonly unknown[], findings: Findings): void {
  const takers = routes.map((route, index): Taker => ({ path: `routes[${index}]`, matches: matchesOf(route) }));
  takers.forEach(({ matches }, index) => {
    const field = findings.field(index);
    const everything = takers.slice(0, index).find((earlier) => earlier.matches?.length === 0);
    if (everything !== undefined) {
      field.add("can never be reached", `${everything.path} takes every request already: put it after this one`);
      return;
    }
    matches?.forEach((match, at) => {
      const earlier = [
        ...takers
          .slice(0, index)
          .flatMap((taker) =>
            (taker.matches ?? []).map((other, place) => ({ path: `${taker.path}.match[${place}]`, other })),
          ),
        ...matches.slice(0, at).map((other, place) => ({ path: `routes[${index}].match[${place}]`, other })),
      ];
      const first = earlier.find(({ other }) => takesIn(other, match));
      if (first === undefined) {
        return;
      }
      const same = takesIn(match, first.other);
      const what = same
        ? `takes what ${first.path} takes already`
        : `can never count: ${first.path} takes all of its requests`;
      field
        .field("match")
        .field(at)
        .add(what, same ? "leave one of them out" : "put the more specific one first, or leave it out");
    });
  });
}

/** The routes without the matches that never apply because earlier ones take all of their requests. */
export function reachable<Route extends { match?: readonly object[] }>(routes: readonly Route[]): Route[] {
  const before: object[] = [];
  return routes.flatMap((route) => {
    if (route.match === undefined) {
      const isReached = !before.some((earlier) => takesIn(earlier, {}));
      before.push({});
      return isReached ? [route] : [];
    }
    const match = route.match.filter((each) => {
      const isReached = !before.some((earlier) => takesIn(earlier, each));
      before.push(each);
      return isReached;
    });
    return match.length === 0 ? [] : [{ ...route, match }];
  });
}

/** A route's matches: [] for one that takes every request, undefined if they are not known. */
export function matchesOf(route: unknown): unknown[] | undefined {
  const { match, extra } = asObject(route) ?? { extra: { match: undefined } };
  if (!isKnown(match) || !isKnown(extra) || "match" in (asObject(extra) ?? {})) {
    return undefined;
  }
  return match === undefined ? [] : Array.isArray(match) ? Array.from(match) : undefined; // without holes
}

/** Whether the first match takes every request that the second one takes. */
export function takesIn(wide: unknown, narrow: unknown): boolean {
  const [all, some] = [asObject(wide), asObject(narrow)];
  if (all === undefined || some === undefined) {
    return false;
  }
  return (
    takesInPath(all, some) &&
    ["method", "scheme", "authority"].every((name) => takesInText(all[name], some[name])) &&
    ["headers", "queryParams"].every((name) =>
      eachOf(all[name], (key, text) => takesInText(text, asObject(some[name])?.[key])),
    ) &&
    eachOf(all.withoutHeaders, (key, text) => {
      const other = asObject(some.withoutHeaders)?.[key];
      return other !== undefined && takesInText(other, text);
    }) &&
    eachOf(all.sourceLabels, (key, label) => isKnown(label) && asObject(some.sourceLabels)?.[key] === label) &&
    ["port", "sourceNamespace"].every(
      (name) => all[name] === undefined || (isKnown(all[name]) && all[name] === some[name]),
    ) &&
    takesInGateways(all.gateways, some.gateways)
  );
}

function takesInPath(all: Conditions, some: Conditions): boolean {
  const { prefix, regex } = asObject(all.uri) ?? {};
  if (prefix === "/" || regex === "/.*" || all.uri === undefined) {
    return isKnown(all.uri);
  }
  if (!isKnown(all.ignoreUriCase) || !isKnown(some.ignoreUriCase)) {
    return false;
  }
  if (all.ignoreUriCase === true) {
    return takesInText(lowerCase(all.uri), lowerCase(some.uri));
  }
  return some.ignoreUriCase !== true && takesInText(all.uri, some.uri);
}

/** Regular expressions keep their case: it may be that of a class such as \S. */
function lowerCase(condition: unknown): unknown {
  const object = asObject(condition);
  const lower = (text: unknown) => (typeof text === "string" ? text.toLowerCase() : text);
  return object && { ...object, exact: lower(object.exact), prefix: lower(object.prefix) };
}

/** Whether the first condition holds for every text for which the second one does. */
export function takesInText(wide: unknown, narrow: unknown): boolean {
  if (wide === undefined) {
    return true;
  }
  const [all, some] = [asObject(wide), asObject(narrow)];
  if (all === undefined || some === undefined) {
    return false;
  }
  const text = (value: unknown) => (typeof value === "string" ? value : undefined);
  const [exact, prefix, regex] = [text(all.exact), text(all.prefix), text(all.regex)];
  const start = text(some.exact) ?? text(some.prefix);
  if (exact !== undefined) {
    return some.exact === exact;
  }
  if (prefix !== undefined) {
    return start !== undefined && start.startsWith(prefix);
  }
  // "*" is Istio's own notation for a header that is present.
  return regex !== undefined && (regex === ".*" || regex === "*" || some.regex === regex);
}

function takesInGateways(all: unknown, some: unknown): boolean {
  if (all === undefined) {
    return true;
  }
  return Array.isArray(all) && Array.isArray(some) && some.every((name) => isKnown(name) && all.includes(name));
}

function eachOf(conditions: unknown, holds: (key: string, condition: unknown) => boolean): boolean {
  if (conditions === undefined) {
    return true;
  }
  const object = asObject(conditions);
  return object !== undefined && Object.entries(object).every(([key, condition]) => holds(key, condition));
}

/** The value's fields; undefined if it has none or is not known yet. */
function asObject(value: unknown): Conditions | undefined {
  return isObject(value) ? (value as Conditions) : undefined;
}
