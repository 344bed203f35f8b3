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

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
