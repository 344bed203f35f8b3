import { isObject, replaceWithin, someWithin } from "../internal/objects";
import { isUnknownSent } from "../internal/pulumiSdk/marks";

/** The mark of a value that is known only once the resource whose output it is exists. */
export const UNKNOWN_VALUE = "[unknown]";

/** A value as it was sent to the engine, or reported by it, with every unknown value in it marked. */
export function unknownsMarked(value: unknown): unknown {
  return replaceWithin(value, (each) => (isUnknownSent(each) ? UNKNOWN_VALUE : each));
}

/** Whether the value, as it was sent, is unknown or contains an unknown value. */
export function hasUnknown(value: unknown): boolean {
  return someWithin(value, isUnknownSent);
}

/** The paths of marked values in data, e.g. `spec.template.spec.containers[0].image`; a mark may be part of a text. */
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
