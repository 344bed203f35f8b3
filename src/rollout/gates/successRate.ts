import { count, percent } from "../../internal/format";
import { percentage } from "../../validation/values";
import type { GateDefinition } from "./gate";
import { type Assessment, failed, passed } from "./assessment";
import { Of, type Traffic, enough, isAssessment } from "./sampleSize";
import { DEFAULT_MIN_REQUESTS, OF, TRAFFIC_FIELDS } from "./trafficGate";

/**
 * At least so many of the requests succeed. Failed are answers of 5xx, no answer, and for gRPC statuses that are the
 * server's fault.
 */
export interface SuccessRateGate extends GateDefinition {
  kind: "success-rate";
  /** How many must succeed, in percent from 0 to 100. @default 99 */
  min?: number;
  /** With fewer requests than this nothing is decided. 1 or more. @default 50 */
  minRequests?: number;
  /** Whose requests: the `target`'s, or those of the whole `app`. @default "target" */
  of?: Of;
  /** How far to look back at the most, e.g. `1m`. @default as long as the step's shares have been in force */
  window?: string;
  /** How long to wait for the metrics, in seconds from 0.1 to 600. @default 10 */
  timeoutSeconds?: number;
}

export const SUCCESS_RATE_FIELDS = { ...TRAFFIC_FIELDS, min: percentage, of: OF };

export function evaluateSuccessRate(
  { min = 99, minRequests = DEFAULT_MIN_REQUESTS, of = Of.Target }: SuccessRateGate,
  traffic: Traffic,
  target: string,
): Assessment {
  const seen = enough(traffic, target, of, minRequests);
  if (isAssessment(seen)) {
    return seen;
  }
  const { requests, failures } = seen;
  const rate = (requests - failures) / requests;
  const reason = `${percent(rate, 2)} of ${count(requests, 2)} requests succeeded; need at least ${percent(min / 100, 2)}`;
  const metrics = { requests, failures, successRate: rate * 100, min };
  // In whole requests, so that no rounding of a division decides.
  return failures * 100 <= requests * (100 - min) ? passed(reason, metrics) : failed(reason, metrics);
}
