import { milliseconds } from "../../validation/numbers";
import { Findings, shown } from "../../validation/problem";
import type { Check } from "../../validation/shape";

/** A span of time: seconds as a number, or a text such as `90s`, `5m` or `1h30m`. */
export type Duration = number | string;

/** Longer ones do not fit into a timer. */
const LONGEST_S = 14 * 86_400;

/** The seconds in a duration, or undefined if it is none. */
export function secondsOf(given: unknown): number | undefined {
  const seconds = typeof given === "string" ? (milliseconds(given) ?? Number.NaN) / 1000 : given;
  return typeof seconds === "number" && Number.isFinite(seconds) ? seconds : undefined;
}

/** A duration of at least so many seconds, and at most 14 days. */
export function durationOf(least: number): Check {
  return (value: unknown, findings: Findings) => {
    const seconds = secondsOf(value);
    if (seconds === undefined) {
      findings.add(`is ${shown(value)}`, "expected seconds as a number, or a text such as 90s, 5m or 1h30m");
    } else if (seconds < least || seconds > LONGEST_S) {
      findings.add(`is ${shown(value)}`, `expected a duration from ${least} s to 14 days`);
    }
  };
}
