import { deserialized } from "../internal/pulumiSdk/standInEngine";
import { hasSecret, secretsClosed } from "./secretMark";

/**
 * Inputs as they were sent to the engine, every secret in them closed; undefined if there is none. Pulumi's own reading
 * of them tells the secret itself, and takes the whole of an object for secret because of one of its fields.
 */
export function withSecretsClosed(sent: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  return hasSecret(sent)
    ? Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, deserialized(secretsClosed(value))]))
    : undefined;
}
