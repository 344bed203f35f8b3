import { isSecretSent } from "../internal/pulumiSdk/marks";

/** What stands for a secret where nobody may open it. */
export const CLOSED_SECRET = "[secret]";

/** A value with every secret in it closed. */
export function secretsClosed(value: unknown): unknown {
  if (isSecretSent(value)) {
    return CLOSED_SECRET;
  }
  if (Array.isArray(value)) {
    return value.map(secretsClosed);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, secretsClosed(each)]))
    : value;
}

/** Whether the value is a secret, or one of its fields is. */
export function hasSecret(value: unknown): boolean {
  return isSecretSent(value) || (typeof value === "object" && value !== null && Object.values(value).some(hasSecret));
}
