import { Findings, shown } from "./problem";
import { isKnown } from "./unknown";

/**
 * Checks a whole number between two bounds, both allowed. `what` says it to a person, e.g. "a port from 1 to 65535".
 */
export function checkInteger(value: unknown, findings: Findings, lowest: number, highest: number, what: string): void {
  if (isKnown(value) && (typeof value !== "number" || !Number.isInteger(value) || value < lowest || value > highest)) {
    findings.add(`is ${shown(value)}`, `${what} is needed`);
  }
}

/** Checks a TCP port. */
export function checkPort(value: unknown, findings: Findings): void {
  checkInteger(value, findings, 1, 65535, "a port from 1 to 65535");
}

const DURATION = /^(\d+(\.\d+)?(h|m|s|ms))+$/;
const UNIT_MS = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;

/** The milliseconds in a duration as Istio writes it (`1.5s`, `1m30s`, `250ms`), or undefined if it is none. */
export function milliseconds(duration: string): number | undefined {
  if (!DURATION.test(duration)) {
    return undefined;
  }
  return [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS],
    0,
  );
}

/** Checks a duration of at least one millisecond and of whole milliseconds, as Istio accepts them. */
export function checkDuration(value: unknown, findings: Findings): void {
  if (isKnown(value) && (typeof value !== "string" || (milliseconds(value) ?? 0) < 1)) {
    findings.add(`is ${shown(value)}`, "a duration of at least 1ms is needed, such as 250ms, 1.5s or 1m30s");
  } else if (isKnown(value) && !isWhole(milliseconds(value as string) as number)) {
    findings.add(`is ${shown(value)}`, "a duration of whole milliseconds is needed, such as 250ms or 1.5s");
  }
}

/** Whether a number is whole but for what sums of fractions lose. */
function isWhole(number: number): boolean {
  return Math.abs(number - Math.round(number)) < 1e-6 + number * 1e-12;
}
