import { Findings, shown } from "./problem";
import type { Check } from "./shape";

/**
 * A token of RFC 9110, of which the names of headers and cookies are made. As long as Kubernetes' Gateway API lets
 * header names be; no YAML reader takes keys of more than 1,024 characters.
 */
export const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}$/;

/**
 * Whether the text is a token as HTTP has it, of at most 256 characters: what header names, methods and cookie names
 * are made of.
 */
export function isToken(text: unknown): text is string {
  return typeof text === "string" && TOKEN.test(text);
}

/** The name of a header, in any case. */
export const headerName: Check = (value, findings) => {
  if (!isToken(value)) {
    findings.add(
      `is ${shown(value)}`,
      "a header name is needed: letters, digits and '-', without spaces or colons, at most 256 characters",
    );
  }
};

/**
 * The value of a header that Envoy is to write. Its `%` starts one of Envoy's variables, such as
 * `%DOWNSTREAM_REMOTE_ADDRESS%`, and is doubled where it stands for itself.
 */
export const headerValue: Check = (value: unknown, findings: Findings) => {
  if (findings.addNoText(value, "a text is needed")) {
    return;
  }
  if (typeof value !== "string" || /[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) {
    findings.add(`is ${shown(value)}`, "a text without line breaks and control characters is needed");
  } else if (!/^(?:[^%]|%%|%[A-Z_0-9]+(?:\([^()]*\)(?::\d+)?)?%)*$/.test(value)) {
    findings.add(
      `is ${shown(value)}`,
      "% starts one of Envoy's variables, such as %PROTOCOL%; write %% for a % that stands for itself",
    );
  }
};
