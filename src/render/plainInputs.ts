import { deserialized } from "../internal/pulumiSdk/standInEngine";
import { hasSecret, secretsClosed } from "./secretMark";
import { hasUnknown, unknownsMarked } from "./unknownMark";

/**
 * Inputs as they were sent to the engine, every secret in them closed and every unknown value marked; undefined if
 * there is neither. Pulumi's own reading of them tells the secret itself, and takes the whole of an object for secret
 * because of one of its fields; of an unknown value it makes an object of its own.
 */
export function plainInputs(sent: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  return hasSecret(sent) || hasUnknown(sent)
    ? Object.fromEntries(
        Object.entries(sent).map(([name, value]) => [name, deserialized(unknownsMarked(secretsClosed(value)))]),
      )
    : undefined;
}
