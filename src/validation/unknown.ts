/**
 * Stands for a value that is not known yet (an `Output` of another resource). Validators pass over it; the value is
 * checked when it is known, before the object it belongs to is sent to the cluster.
 */
export const UNKNOWN: unique symbol = Symbol("not known yet");

/** Whether a value can be checked now. */
export function isKnown<T>(value: T | typeof UNKNOWN): value is T {
  return value !== UNKNOWN;
}

/** Whether something in it, or all of it, is known only later. */
export function hasUnknown(value: unknown): boolean {
  return !isKnown(value) || (typeof value === "object" && value !== null && Object.values(value).some(hasUnknown));
}
