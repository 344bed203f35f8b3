import { milliseconds } from "../../validation/numbers";
import { shown } from "../../validation/problem";
import type { Check } from "../../validation/shape";
import { duration, integer } from "../../validation/values";

/** The largest number that Istio's 32-bit fields can hold. */
const LARGEST = 2 ** 31 - 1;

/** A maximum number. Istio treats 0 as "not set", so 0 would mean no limit at all and is refused. */
export function limit(what: string): Check {
  return integer(1, LARGEST, `a whole number of ${what} from 1 to ${LARGEST} (leave it out for Istio's own)`);
}

/** A number for which 0 has a meaning of its own. */
export function count(what: string): Check {
  return integer(0, LARGEST, `a whole number of ${what} from 0 to ${LARGEST}`);
}

/** A duration of at least 1 ms, or `0s`, which has a meaning of its own. */
export const timeout: Check = (value, findings) => {
  if (typeof value !== "string" || milliseconds(value) === undefined) {
    findings.add(`is ${shown(value)}`, "a duration of at least 1ms, or 0s, is needed, such as 0s, 1.5s or 1h");
  } else if (milliseconds(value) !== 0) {
    duration(value, findings);
  }
};
