/** What stands for a secret where nobody may open it. */
export const CLOSED_SECRET = "[secret]";

/** How Pulumi marks a secret's wrapping, in what is sent to the engine and in what the engine tells. */
const [MARK, SECRET] = ["4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"];

/** A value with every secret in it closed. */
export function secretsClosed(value: unknown): unknown {
  if (isSecret(value)) {
    return CLOSED_SECRET;
  }
  if (Array.isArray(value)) {
    return value.map(secretsClosed);
  }
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, secretsClosed(each)])) : value;
}

/** Whether the value is a secret, or one of its fields is. */
export function hasSecret(value: unknown): boolean {
  return isSecret(value) || (typeof value === "object" && value !== null && Object.values(value).some(hasSecret));
}

function isSecret(value: unknown): boolean {
  return (value as Record<string, unknown> | null | undefined)?.[MARK] === SECRET;
}
