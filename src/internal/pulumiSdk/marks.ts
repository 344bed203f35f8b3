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

/** A resource's type token, whatever its class is called. */
export function typeOf(resource: object): string {
  return String((resource as { __pulumiType?: unknown }).__pulumiType);
}

/** Whether it is the SDK's own object for a value that is not known yet. */
export function isUnknown(value: unknown): boolean {
  return isMarked(value, "__pulumiUnknown");
}

function isMarked(value: unknown, mark: string): boolean {
  return value !== null && (value as Record<string, unknown> | undefined)?.[mark] === true;
}

/** The field that says of what a wrapping is one, and what it says of a secret's and of an Output's. */
const KIND = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** What stands for a value that is not known yet, in what is sent to the engine and in what the engine tells. */
export const UNKNOWN_SENT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether it stands for a value that is not known yet. */
export function isUnknownSent(value: unknown): boolean {
  return value === UNKNOWN_SENT;
}

/**
 * An Output without a value, as an engine can tell it inside of another value. The program gets the value around it as
 * a known one, and an unknown Output in its place.
 */
export function unknownOutputSent(): Record<string, string> {
  return { [KIND]: OUTPUT };
}

/** Whether it is a secret's wrapping, in what is sent to the engine and in what the engine tells. */
export function isSecretSent(value: unknown): boolean {
  return (value as Record<string, unknown> | null | undefined)?.[KIND] === SECRET;
}

/** What a secret of a state says that was exported with its secrets; undefined where it is closed, or no secret. */
export function openedSecret(value: unknown): unknown {
  const { plaintext } = (value ?? {}) as { plaintext?: unknown };
  return isSecretSent(value) && typeof plaintext === "string" ? JSON.parse(plaintext) : undefined;
}
