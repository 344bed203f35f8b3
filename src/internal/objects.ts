/** Whether a value is an object with fields: neither null nor a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The data without the fields, at any depth, that are undefined. Instances of classes stay as they are.
 *
 * @param data Anything; lists keep their elements, undefined ones too.
 */
export function omitUndefined<T>(data: T): T {
  if (Array.isArray(data)) {
    return data.map(omitUndefined) as T;
  }
  if (!isObject(data) || !isPlain(data)) {
    return data;
  }
  return Object.fromEntries(
    Object.entries(data).flatMap(([name, value]) => (value === undefined ? [] : [[name, omitUndefined(value)]])),
  ) as T;
}

/**
 * A copy of data in which some values, at any depth, are replaced.
 *
 * @param replace Returns what takes a value's place. An object or list that it returns unchanged is searched, too.
 */
export function replaceWithin(data: unknown, replace: (value: unknown) => unknown): unknown {
  const value = replace(data);
  if (value !== data) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map((each) => replaceWithin(each, replace));
  }
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, replaceWithin(each, replace)]))
    : value;
}

/** Whether a test holds for the data, or for a value in it at any depth. */
export function someWithin(data: unknown, test: (value: unknown) => boolean): boolean {
  return (
    test(data) ||
    (typeof data === "object" && data !== null && Object.values(data).some((value) => someWithin(value, test)))
  );
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
