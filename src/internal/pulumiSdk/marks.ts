/*
 * The marks that Pulumi's SDK itself goes by across its copies. What only looks at values does not have to load the
 * SDK.
 */

/** Whether it is an `Output`. */
export function isOutput(value: unknown): boolean {
  return isMarked(value, "__pulumiOutput");
}

/** Whether it is a resource. */
export function isResource(value: unknown): boolean {
  return isMarked(value, "__pulumiResource");
}

function isMarked(value: unknown, mark: string): boolean {
  return value !== null && (value as Record<string, unknown> | undefined)?.[mark] === true;
}

/** The field that says of what a wrapping is one, and what it says of a secret's. */
const [KIND, SECRET] = ["4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"];

/** Whether it is a secret's wrapping, in what is sent to the engine and in what the engine tells. */
export function isSecretSent(value: unknown): boolean {
  return (value as Record<string, unknown> | null | undefined)?.[KIND] === SECRET;
}
