import type { Findings } from "../../validation/problem";
import { secondsOf } from "./duration";
import type { Limits, Step } from "./plan";
import type { LimitSettings } from "./settings";

const DEFAULT_INTERVAL_S = 10;
const DEFAULT_FAILURES = 3;
/** What a step has beside its hold for its `up`, for the traffic to follow, and for approvals. */
const DEFAULT_SLACK_S = 600;

/** When a run of these steps gives up; `findings` get limits that are too short for them. */
export function limitsOf(given: LimitSettings, steps: readonly Step[], findings: Findings): Limits {
  const longest = Math.max(...steps.map(({ holdSeconds }) => holdSeconds));
  const together = steps.reduce((sum, { holdSeconds }) => sum + holdSeconds, 0);
  const stepDeadlineSeconds = secondsOf(given.stepDeadline) ?? longest + DEFAULT_SLACK_S;
  const deadlineSeconds = secondsOf(given.deadline) ?? (steps.length + 2) * stepDeadlineSeconds;
  if (stepDeadlineSeconds <= longest) {
    findings
      .field("stepDeadline")
      .add(
        `is ${stepDeadlineSeconds} s, but a step is held for ${longest} s`,
        "expected more, to leave time for the up and for the traffic to converge",
      );
  }
  if (deadlineSeconds <= together) {
    findings
      .field("deadline")
      .add(
        `is ${deadlineSeconds} s, but all steps together are held for ${together} s`,
        "expected more, to leave time for the ups and for the traffic to converge",
      );
  }
  return {
    intervalSeconds: secondsOf(given.interval) ?? DEFAULT_INTERVAL_S,
    failureThreshold: given.failureThreshold ?? DEFAULT_FAILURES,
    onFailure: given.onFailure,
    stepDeadlineSeconds,
    deadlineSeconds,
    rollbackDeadlineSeconds: secondsOf(given.rollbackDeadline),
    convergenceTimeoutSeconds: secondsOf(given.convergenceTimeout),
  };
}
