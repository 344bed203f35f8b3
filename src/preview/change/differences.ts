import { isObject } from "../../internal/objects";
import { isDeepStrictEqual } from "node:util";

/** One value that differs. */
export interface Difference {
  /** Where it is, e.g. `spec.http[0].timeout`, `spec.containers[app].image`. */
  path: string;
  /** Missing where there was none. */
  before?: unknown;
  /** Missing where there will be none. */
  after?: unknown;
}

/**
 * The innermost values that differ. Elements of lists are told apart by their `name` where all have one, else by their
 * place.
 */
export function differences(before: unknown, after: unknown, path = ""): Difference[] {
  if (isDeepStrictEqual(before, after)) {
    return [];
  }
  const parts = [partsOf(before, after), partsOf(after, before)];
  if (parts[0] === undefined || parts[1] === undefined) {
    return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
  }
  const [old, now] = parts as [Map<string, unknown>, Map<string, unknown>];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) =>
    differences(old.get(key), now.get(key), key.startsWith("[") || path === "" ? `${path}${key}` : `${path}.${key}`),
  );
}

/** What a value is made of, by how the parts are called in a path; undefined for one that is told whole. */
function partsOf(value: unknown, other: unknown): Map<string, unknown> | undefined {
  if (Array.isArray(value) && Array.isArray(other)) {
    const named = isNamed(value) && isNamed(other);
    return new Map(value.map((element, index) => [`[${named ? element.name : index}]`, element]));
  }
  return isObject(value) && isObject(other) ? new Map(Object.entries(value)) : undefined;
}

function isNamed(list: unknown[]): list is { name: string }[] {
  const names = list.map((element) => (element as { name?: unknown } | null)?.name);
  return names.every((name) => typeof name === "string") && new Set(names).size === names.length;
}
