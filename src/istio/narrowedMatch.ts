import { isDeepStrictEqual } from "node:util";
import type { MatchArgs } from "./match";
import type { Plain } from "./plain";

type Match = Plain<MatchArgs>;
type Text = Record<string, unknown>;

/** No request meets both conditions. */
export const NEVER = Symbol("no request");

/** The name of a condition that both have, and that one match cannot express together. */
export class Inexpressible {
  constructor(readonly field: string) {}
}

/**
 * The match that takes exactly the requests which both of two sound matches take.
 *
 * Istio's match has one condition for each part of a request. Two of them for the same part become the narrower one
 * where that is certain; regular expressions are taken for narrower only if they are the same.
 */
export function narrowed(first: Match, second: Match): Match | typeof NEVER | Inexpressible {
  const result: Text = { ...second, ...first };
  for (const field of Object.keys(first).filter((name) => (second as Text)[name] !== undefined)) {
    const both = combined(field, first, second);
    if (both === NEVER || both instanceof Inexpressible) {
      return both;
    }
    result[field] = both;
  }
  return result as Match;
}

function combined(field: string, first: Match, second: Match): unknown {
  const [one, other] = [(first as Text)[field], (second as Text)[field]];
  if (field === "uri" && (first.ignoreUriCase === true) !== (second.ignoreUriCase === true)) {
    return new Inexpressible(field);
  }
  if (one === undefined || isDeepStrictEqual(one, other)) {
    return one ?? other;
  }
  switch (field) {
    case "uri":
      return first.ignoreUriCase === true ? new Inexpressible(field) : text(one as Text, other as Text, field);
    case "method":
    case "scheme":
    case "authority":
      return text(one as Text, other as Text, field);
    case "headers":
    case "queryParams":
      return byName(one as Text, other as Text, (name, a, b) => text(a as Text, b as Text, `${field}.${name}`));
    case "withoutHeaders":
      return byName(one as Text, other as Text, (name) => new Inexpressible(`${field}.${name}`));
    case "sourceLabels":
      return byName(one as Text, other as Text, () => NEVER);
    case "gateways": {
      const shared = (one as string[]).filter((name) => (other as string[]).includes(name));
      return shared.length === 0 ? NEVER : shared;
    }
    case "statPrefix":
      return one;
    case "ignoreUriCase":
      return one; // it says something about `uri` only, and that is compared above
    default:
      return NEVER; // port, sourceNamespace: a request has one of them
  }
}

/** Conditions by name: those that only one side has stay, those that both have are combined. */
function byName(one: Text, other: Text, both: (name: string, first: unknown, second: unknown) => unknown): unknown {
  const result: Text = { ...other, ...one };
  for (const name of Object.keys(one).filter(
    (each) => Object.hasOwn(other, each) && !isDeepStrictEqual(one[each], other[each]),
  )) {
    const value = both(name, one[name], other[name]);
    if (value === NEVER || value instanceof Inexpressible) {
      return value;
    }
    result[name] = value;
  }
  return result;
}

/** The narrower of two comparisons of the same text. */
function text(one: Text, other: Text, field: string): unknown {
  if (isAny(one) || isAny(other)) {
    return isAny(one) ? other : one;
  }
  if (one.regex !== undefined || other.regex !== undefined) {
    return new Inexpressible(field);
  }
  const [a, b] = [String(one.exact ?? one.prefix), String(other.exact ?? other.prefix)];
  if (one.exact !== undefined) {
    return other.exact === undefined && a.startsWith(b) ? one : NEVER;
  }
  if (other.exact !== undefined) {
    return b.startsWith(a) ? other : NEVER;
  }
  return a.startsWith(b) ? one : b.startsWith(a) ? other : NEVER;
}

/** Whether a condition holds for every text, as that of a header that is there: Istio's own words for it, too. */
function isAny({ exact, prefix, regex }: Text): boolean {
  return regex === ".*" || regex === "*" || [exact, prefix, regex].every((each) => each === undefined);
}
