import type { Plain } from "../traffic/plain";
import { UNKNOWN } from "../validation/unknown";

/**
 * A copy of component arguments in which every `Output` and promise has become {@link UNKNOWN}, so that the pure
 * validators can look at all that is known before anything is registered.
 */
export function withUnknowns<T>(args: T): Plain<T> {
  return replace(args) as Plain<T>;
}

function replace(value: unknown): unknown {
  if (isMarked(value, "__pulumiOutput") || value instanceof Promise) {
    return UNKNOWN;
  }
  if (Array.isArray(value)) {
    return value.map(replace);
  }
  if (typeof value === "object" && value !== null && !isMarked(value, "__pulumiResource")) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, replace(field)]));
  }
  return value;
}

/**
 * Whether it is one of Pulumi's objects: told by the mark that the SDK itself goes by across its copies, so that what only checks
 * arguments does not have to load the SDK.
 */
function isMarked(value: unknown, mark: "__pulumiOutput" | "__pulumiResource"): boolean {
  return value !== null && (value as Record<string, unknown> | undefined)?.[mark] === true;
}
