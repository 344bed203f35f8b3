import { isOutput, isResource } from "../src/internal/pulumiSdk/marks";
import type { Plain } from "../src/istio/plain";
import { UNKNOWN } from "../src/validation/unknown";

/**
 * A copy of component arguments in which every `Output` and promise is replaced by {@link UNKNOWN}, so that pure
 * validators can check everything that is known before anything is registered.
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
