import type { Input } from "@pulumi/pulumi";
import { shown } from "../validation/problem";
import { regex } from "../validation/regex";
import type { Check } from "../validation/shape";
import { isKnown } from "../validation/unknown";

/** How a text of a request is compared; set exactly one of the three. */
export interface StringMatchArgs {
  /** The whole text equals this. */
  exact?: Input<string>;
  /** The text starts with this. */
  prefix?: Input<string>;
  /** The whole text matches this regular expression (RE2 syntax). */
  regex?: Input<string>;
}

const RULE = "exactly one of exact, prefix and regex, a text that is not empty, is needed";

/** Exactly one comparison, with a text that is not empty. */
export const stringMatch: Check = (match, findings) => {
  const set =
    typeof match === "object" && match !== null ? Object.entries(match).filter(([, text]) => text !== undefined) : [];
  const [kind, text] = set.length === 1 ? set[0] : [];
  if (kind !== undefined && isKnown(text) && findings.field(kind).addNoText(text, "a text is needed")) {
    return;
  }
  if (
    !["exact", "prefix", "regex"].includes(kind ?? "") ||
    (isKnown(text) && (typeof text !== "string" || text === ""))
  ) {
    findings.add(`is ${shown(match)}`, RULE);
  } else if (kind === "regex" && isKnown(text)) {
    regex(text, findings.field("regex"));
  }
};
