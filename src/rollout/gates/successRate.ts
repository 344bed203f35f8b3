import { count, percent } from "../../internal/format";
import { percentage } from "../../validation/values";
import type { VersionTraffic } from "../metrics/source";
import type { GateDefinition } from "./gate";
import { type Assessment, failed, passed, inconclusive } from "./assessment";
import { Of, enough, failuresOf, isAssessment } from "./sampleSize";
import { isBroken, type ShareRule, type ShareTests, shareTests } from "./shareTest";
import {
  CONFIDENCE,
  DEFAULT_CONFIDENCE,
  DEFAULT_MIN_REQUESTS,
  type Judgement,
  OF,
  TRAFFIC_FIELDS,
  type TrafficSample,
} from "./trafficGate";

/**
 * At least so many of the requests succeed. Failed are answers of 5xx, no answer, and for gRPC statuses that are the
 * server's fault. It passes when the requests of the step keep this, fails when they do not and it is certain that this
 * is no chance, and is inconclusive in between: more requests will tell.
 */
export interface SuccessRateGate extends GateDefinition {
  kind: "success-rate";
  /** How many must succeed, in percent from 0 to 100. @default 99 */
  min?: number;
  /**
   * How sure it has to be that fewer succeed, from 0.5 to 0.999999: a version of which enough succeed fails with a chance
   * of at most 1 less this, over the whole run and however often the gate is asked.
   * @default 0.95
   */
  confidence?: number;
  /** With fewer requests than this nothing is decided. 1 or more. @default 50 */
  minRequests?: number;
  /** Whose requests: the `target`'s, or those of the whole `app`. @default "target" */
  of?: Of;
  /**
   * The app whose requests are judged, by its name: one that takes the same steps (`with`), or one that is watched
   * (`watch`), whose versions are judged together.
   * @default each app that the run moves, by a gate of its own: that of `cart` is called `errors (cart)`
   */
  app?: string;
  /** How far to look back at the most, e.g. `1m`. @default as long as the step's shares have been in force */
  window?: string;
  /** How long to wait for the metrics, in seconds from 0.1 to 600. @default 10 */
  timeoutSeconds?: number;
}

export const SUCCESS_RATE_FIELDS = { ...TRAFFIC_FIELDS, min: percentage, confidence: CONFIDENCE, of: OF };

export function evaluateSuccessRate(
  { min = 99, confidence = DEFAULT_CONFIDENCE, minRequests = DEFAULT_MIN_REQUESTS, of = Of.Target }: SuccessRateGate,
  sample: TrafficSample,
  target: string,
): Judgement {
  const rule = { allowed: (100 - min) / 100, confidence, of, bad: failuresOf };
  const tests = shareTests(rule, sample, target);
  return { assessment: assess(min, rule, tests, enough(sample.traffic, target, of, minRequests)), tests };
}

function assess(min: number, rule: ShareRule, tests: ShareTests, seen: VersionTraffic | Assessment): Assessment {
  if (isAssessment(seen)) {
    return seen;
  }
  const { requests, failures } = seen;
  const rate = (requests - failures) / requests;
  const reason = `${percent(rate, 2)} of ${count(requests, 2)} requests succeeded; need at least ${percent(min / 100, 2)}`;
  const metrics = { requests, failures, successRate: rate * 100, min };
  // In whole requests, so that no rounding of a division decides.
  if (failures * 100 <= requests * (100 - min)) {
    return passed(reason, metrics);
  }
  return isBroken(rule, tests)
    ? failed(`${reason}, and it is less with ${percent(rule.confidence, 4)} confidence`, metrics)
    : inconclusive(`${reason}, but that can be chance; need more requests`, metrics);
}
