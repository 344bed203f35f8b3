import { isObject } from "../internal/objects";
import { isUnknownSent } from "../internal/pulumiSdk/marks";

/** What stands for a value that is known only once the resource is there which it is an output of. */
export const UNKNOWN_VALUE = "[unknown]";

/** A value as it was sent to the engine, or told by it, with every unknown one in it marked. */
export function unknownsMarked(value: unknown): unknown {
  if (isUnknownSent(value)) {
    return UNKNOWN_VALUE;
  }
  if (Array.isArray(value)) {
    return value.map(unknownsMarked);
  }
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, unknownsMarked(each)]))
    : value;
}

/** Whether the value, as it was sent, is unknown, or something in it is. */
export function hasUnknown(value: unknown): boolean {
  return isUnknownSent(value) || (typeof value === "object" && value !== null && Object.values(value).some(hasUnknown));
}

/** Where marked values are in data, e.g. `spec.template.spec.containers[0].image`; text around a mark counts, too. */
export function unknownPaths(data: unknown, path = ""): string[] {
  if (typeof data === "string") {
    return data.includes(UNKNOWN_VALUE) ? [path] : [];
  }
  if (Array.isArray(data)) {
    return data.flatMap((each, index) => unknownPaths(each, `${path}[${index}]`));
  }
  return isObject(data)
    ? Object.entries(data).flatMap(([name, each]) => unknownPaths(each, path === "" ? name : `${path}.${name}`))
    : [];
}
