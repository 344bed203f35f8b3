import { Findings, shown } from "../../validation/problem";
import { isKnown } from "../../validation/unknown";

/** Deeper data is none that a person wrote; it may go round in a circle. */
const DEEPEST = 50;

/**
 * Records what JSON cannot hold: a plan is kept in a journal, so a secret must not be in it either.
 *
 * @param except Fields that are not looked at.
 */
export function checkPlain(value: unknown, findings: Findings, except: readonly string[] = [], depth = 0): void {
  if (!isKnown(value)) {
    findings.add("is a secret", "a plain value is needed here, because a plan is written to the journal: name the key that holds it by { secret: NAME } where a gate takes that");
  } else if (depth > DEEPEST) {
    findings.add("is nested too deep", `at most ${DEEPEST} levels are allowed`);
  } else if (Array.isArray(value)) {
    value.forEach((each, index) => checkPlain(each, findings.field(index), [], depth + 1));
  } else if (typeof value === "object" && value !== null) {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      findings.add(`is ${shown(value)}`, "plain data is needed, as JSON has it");
      return;
    }
    const fields = Object.entries(value).filter(([name]) => !except.includes(name));
    fields.forEach(([name, each]) => checkPlain(each, findings.field(name), [], depth + 1));
  } else if (value !== undefined && value !== null && !["string", "boolean"].includes(typeof value) && !Number.isFinite(value)) {
    findings.add(`is ${shown(value)}`, "plain data is needed, as JSON has it");
  }
}
