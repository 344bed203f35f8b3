import { Findings, shown } from "../../validation/problem";
import { isKnown } from "../../validation/unknown";

/** Deeper data is none that a person wrote; it may go round in a circle. */
const DEEPEST = 50;

/**
 * Records what JSON cannot hold, and secrets: settings become a plan, which is kept in a journal.
 */
export function checkPlain(value: unknown, findings: Findings, depth = 0): void {
  if (!isKnown(value)) {
    findings.add(
      "is a secret",
      "expected a plain value: set the secret under a key of its own, and refer to it as { secret: NAME } where that is allowed",
    );
  } else if (depth > DEEPEST) {
    findings.add("is nested too deeply", `expected at most ${DEEPEST} levels`);
  } else if (Array.isArray(value)) {
    value.forEach((each, index) => checkPlain(each, findings.field(index), depth + 1));
  } else if (typeof value === "object" && value !== null) {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      findings.add(`is ${shown(value)}`, "expected plain JSON data");
      return;
    }
    Object.entries(value).forEach(([name, each]) => checkPlain(each, findings.field(name), depth + 1));
  } else if (
    value !== undefined &&
    value !== null &&
    !["string", "boolean"].includes(typeof value) &&
    !Number.isFinite(value)
  ) {
    findings.add(`is ${shown(value)}`, "expected plain JSON data");
  }
}
