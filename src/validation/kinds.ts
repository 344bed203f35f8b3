import { Findings, shown } from "./problem";
import { isKnown } from "./unknown";

/**
 * Checks a value whose fields are not ours to know, or are names of someone's choosing.
 *
 * @param what Says it to a person, e.g. "an object of Istio's fields".
 * @returns Whether its fields can be looked at further.
 */
export function checkObject(value: unknown, findings: Findings, what: string): value is Record<string, unknown> {
  if (!isKnown(value)) {
    return false;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    findings.add(`is ${shown(value)}`, `${what} is needed`);
    return false;
  }
  if (Object.hasOwn(value, PROTOTYPE)) {
    findings.field(PROTOTYPE).add("is a name that JavaScript reserves", "another name is needed, or none");
    return false;
  }
  return true;
}

/** Assigned to an object, it sets its prototype and no field: a condition of that name would hold for every request. */
const PROTOTYPE = "__proto__";

/**
 * Checks that a value is known from the start: resources are named after it, or made because of it.
 *
 * @returns Whether it can be looked at further.
 */
export function checkKnown(value: unknown, findings: Findings): boolean {
  if (!isKnown(value)) {
    findings.add(
      "is not known yet",
      "a plain value is needed, not an Output: resources are named after it or made because of it",
    );
    return false;
  }
  return true;
}
