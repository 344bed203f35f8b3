import { replaceWithin, someWithin } from "../internal/objects";
import { isSecretSent } from "../internal/pulumiSdk/marks";

/** The mark of a secret that nobody may read. */
export const CLOSED_SECRET = "[secret]";

/** A value with every secret in it replaced by the mark. */
export function secretsClosed(value: unknown): unknown {
  return replaceWithin(value, (each) => (isSecretSent(each) ? CLOSED_SECRET : each));
}

/** Whether the value is a secret or contains one. */
export function hasSecret(value: unknown): boolean {
  return someWithin(value, isSecretSent);
}
