import { Findings, shown } from "./problem";
import type { Check } from "./shape";

/** RE2's `(?i)` for what follows, and `(?i:…)` for a group. */
const FLAGS = /\(\?(?=[imsU-])[imsU]*(?:-[imsU]+)?([:)])/g;

/**
 * A regular expression in RE2, the syntax that Envoy compiles. JavaScript's own parser finds what is broken in both;
 * look-around and back references, which JavaScript knows and RE2 does not, are looked for by hand. Flags within the
 * expression are RE2's alone. The parser is not in its Unicode mode, which refuses much that is sound there.
 */
export const regex: Check = (value: unknown, findings: Findings) => {
  if (findings.addNoText(value, "a text is needed")) {
    return;
  }
  if (typeof value !== "string" || value === "") {
    findings.add(`is ${shown(value)}`, "a regular expression in RE2 syntax, not empty, is needed");
    return;
  }
  const unknownToRe2 = /\(\?<?[=!]|\\[1-9]|\\k</.exec(value.replace(/\\\\/g, ""));
  if (unknownToRe2) {
    findings.add(
      `is ${shown(value)}`,
      `RE2 has no ${unknownToRe2[0].startsWith("(") ? "look-around" : "back references"}: write it without`,
    );
    return;
  }
  try {
    translate(value);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*: /s, "") : String(error);
    findings.add(`is ${shown(value)}`, `a regular expression in RE2 syntax is needed (${reason})`);
  }
};

/** Whether an expression matches the empty text; false for an invalid expression. */
export function takesEmpty(expression: string): boolean {
  try {
    return translate(`^(?:${expression})$`).test("");
  } catch {
    return false;
  }
}

/** An expression that matches exactly this text. */
export function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function translate(expression: string): RegExp {
  return new RegExp(expression.replace(/\(\?P</g, "(?<").replace(FLAGS, (_, group) => (group === ":" ? "(?:" : "")));
}
