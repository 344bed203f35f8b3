import { isToken } from "../../validation/httpHeaders";
import { shown } from "../../validation/problem";
import { type Check, entries, required, shape } from "../../validation/shape";
import { text } from "../../validation/values";

/** A text that may be secret: plans, journals and reports never contain it, only the key under which it is stored. */
export interface SecretReference {
  /** The key of the stack's config that contains it, set with `pulumi config set --secret`. */
  secret: string;
}

/** A text as it is, or where a secret one is kept. */
export type Confidential = string | SecretReference;

/** Whether something refers to a stored secret. */
export function isSecretReference(value: unknown): value is SecretReference {
  return typeof value === "object" && value !== null && typeof (value as { secret?: unknown }).secret === "string";
}

/** Finds the text of a stored secret by its key. */
export type Secrets = (name: string) => string | undefined;

const REFERENCE = shape({
  secret: required(text("the name of a key of the stack's config"), "the name of a key of the stack's config"),
});

/** A text without line breaks, or a reference to a secret. A wrong text is not shown: it may be the secret itself. */
export const confidential: Check = (value, findings) => {
  if (typeof value === "object" && value !== null) {
    REFERENCE(value, findings);
  } else if (typeof value !== "string" || value === "" || /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
    findings.add(
      "cannot be sent in a header",
      "a text without line breaks and control characters is needed, or { secret: NAME } for a key of the stack's config that holds it",
    );
  }
};

/** Headers of a request, by their names. */
export const outgoingHeaders: Check = entries("an object of headers by their names", confidential, (name, findings) => {
  if (!isToken(name)) {
    findings.add(
      `is called ${shown(name)}`,
      "a header name is needed: letters, digits and '-', without spaces or colons",
    );
  }
});

/**
 * The text itself.
 *
 * @throws Error that names the key, never a text, if there is none
 */
export function revealed(given: Confidential, secrets: Secrets = () => undefined): string {
  if (typeof given === "string") {
    return given;
  }
  const found = secrets(given.secret);
  if (found === undefined || found === "") {
    throw new Error(
      `the stack's config has no ${given.secret}; set it with \`pulumi config set --secret ${given.secret}\``,
    );
  }
  if (/[^\t\x20-\x7e\x80-\xff]/.test(found)) {
    throw new Error(
      `what the stack's config holds as ${given.secret} cannot be sent in a header: it has line breaks or control characters`,
    );
  }
  return found;
}

/** All headers with their texts. @throws as {@link revealed} */
export function revealedHeaders(
  given: Readonly<Record<string, Confidential>> = {},
  secrets?: Secrets,
): Record<string, string> {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, revealed(value, secrets)]));
}
