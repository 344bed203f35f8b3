import { deserializeProperty, specialSecretSig, specialSigKey } from "@pulumi/pulumi/runtime/rpc";
import { CLOSED_SECRET } from "./secretMark";

/**
 * Inputs as they were sent to the engine, every secret in them closed; undefined if there is none. Pulumi's own reading of them
 * tells the secret itself, and takes the whole of an object for secret because of one of its fields.
 */
export function withSecretsClosed(sent: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  return hasSecret(sent) ? Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, deserializeProperty(closed(value))])) : undefined;
}

function hasSecret(value: unknown): boolean {
  return isSecret(value) || (typeof value === "object" && value !== null && Object.values(value).some(hasSecret));
}

function closed(value: unknown): unknown {
  if (isSecret(value)) {
    return CLOSED_SECRET;
  }
  if (Array.isArray(value)) {
    return value.map(closed);
  }
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, closed(each)])) : value;
}

function isSecret(value: unknown): boolean {
  return (value as Record<string, unknown> | null | undefined)?.[specialSigKey] === specialSecretSig;
}
