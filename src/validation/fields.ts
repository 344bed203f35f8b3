import { Findings, shown } from "./problem";
import { isKnown } from "./unknown";

/**
 * Checks that a value is an object with no other fields than these. Type checks say so in TypeScript; a stack's config
 * and programs in other languages need it said at run time, where a misspelt field would otherwise be passed over in
 * silence.
 *
 * @returns Whether its fields can be looked at further.
 */
export function checkFields(value: unknown, fields: readonly string[], findings: Findings): boolean {
  if (!isKnown(value)) {
    return false;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    findings.add(`is ${shown(value)}`, `an object with fields out of ${fields.join(", ")} is needed`);
    return false;
  }
  for (const field of Object.keys(value).filter((name) => !fields.includes(name))) {
    findings.field(field).add("is no argument", `known there are ${fields.join(", ")}`);
  }
  return true;
}
