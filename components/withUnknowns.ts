import { isOutput, isResource } from "../src/internal/pulumiSdk/marks";
import type { Plain } from "../src/istio/plain";
import { UNKNOWN } from "../src/validation/unknown";

/**
 * A copy of component arguments in which every `Output` and promise has become {@link UNKNOWN}, so that the pure
 * validators can look at all that is known before anything is registered.
 */
export function withUnknowns<T>(args: T): Plain<T> {
  return replace(args) as Plain<T>;
}

function replace(value: unknown): unknown {
  if (isOutput(value) || value instanceof Promise) {
    return UNKNOWN;
  }
  if (Array.isArray(value)) {
    return value.map(replace);
  }
  if (typeof value === "object" && value !== null && !isResource(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, replace(field)]));
  }
  return value;
}
