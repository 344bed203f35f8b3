import { isSecretReference } from "../../internal/http/secrets";
import type { PulumiCli } from "../../config/pulumiCli";

/**
 * The stack's secrets that definitions refer to by `{ secret: NAME }`. They are decrypted only if something refers to
 * one.
 *
 * @param project The project's name: a name without `:` is a key of its own.
 */
export async function secretsOf(
  definitions: unknown,
  project: string,
  cli: PulumiCli,
): Promise<(name: string) => string | undefined> {
  if (!refersToSecret(definitions)) {
    return () => undefined;
  }
  const config = JSON.parse(await cli.ask("config", "--show-secrets", "--json")) as Record<string, { value?: string }>;
  return (name) => config[name.includes(":") ? name : `${project}:${name}`]?.value;
}

function refersToSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  return isSecretReference(value) || Object.values(value).some(refersToSecret);
}
