import { count, counted, percent } from "../../internal/format";
import { required } from "../../validation/shape";
import { amount } from "../../validation/values";
import type { GateDefinition } from "./gate";
import { observations, quantile, quantileInterval } from "./histogram";
import { type Assessment, failed, passed } from "./assessment";
import { normalQuantile } from "./normal";
import { Of, type Traffic, enough, isAssessment, sufficientDurations } from "./sampleSize";
import { DEFAULT_MIN_REQUESTS, OF, PERCENTILE, TRAFFIC_FIELDS } from "./trafficGate";

/**
 * This percentile of the requests' durations is short enough. Proxies count durations in buckets: Envoy's end at 0.5,
 * 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000 ms and so on. With one of these as `maxMs` the answer is
 * exact; in between, durations are taken to be spread evenly within their bucket, as Prometheus does.
 */
export interface LatencyGate extends GateDefinition {
  kind: "latency";
  /** The longest that the percentile may be, in ms; more than 0. */
  maxMs: number;
  /** Which percentile; more than 0 and less than 100. @default 99 */
  percentile?: number;
  /** With fewer requests than this nothing is decided. 1 or more. @default 50 */
  minRequests?: number;
  /** Whose requests: the `target`'s, or those of the whole `app`. @default "target" */
  of?: Of;
  /** How far to look back at the most, e.g. `1m`. @default as long as the step's shares have been in force */
  window?: string;
  /** How long to wait for the metrics, in seconds from 0.1 to 600. @default 10 */
  timeoutSeconds?: number;
}

export const LATENCY_FIELDS = {
  ...TRAFFIC_FIELDS,
  maxMs: required(amount(0.001, 1e9, "a number of ms, more than 0,"), "the longest that the percentile may be, in ms,"),
  percentile: PERCENTILE,
  of: OF,
};

/** How sure the bounds are that are told with a percentile; they are told, and decide nothing. */
const TOLD_CONFIDENCE = 0.95;

export function evaluateLatency(
  { maxMs, percentile = 99, minRequests = DEFAULT_MIN_REQUESTS, of = Of.Target }: LatencyGate,
  traffic: Traffic,
  target: string,
): Assessment {
  const seen = enough(traffic, target, of, minRequests);
  if (isAssessment(seen)) {
    return seen;
  }
  const { durations } = seen;
  const tooFew = sufficientDurations(seen, of === Of.Target ? `version ${target}` : "the app", minRequests);
  if (tooFew) {
    return tooFew;
  }
  const share = percentile / 100;
  const value = quantile(durations, share);
  const { low, high } = quantileInterval(durations, share, normalQuantile(1 - (1 - TOLD_CONFIDENCE) / 2));
  const requests = observations(durations);
  const lastBound = durations.at(-2)?.upTo ?? 0;
  const told = value === Infinity ? `more than ${count(lastBound, 2)} ms` : `${count(value, 2)} ms`;
  const sure = high === Infinity ? `above ${count(low, 2)} ms` : `between ${count(low, 2)} and ${count(high, 2)} ms`;
  const reason = `p${count(percentile, 3)} of ${counted(requests, "request")} is ${told} (${sure} with ${percent(TOLD_CONFIDENCE)} confidence); at most ${count(maxMs, 2)} ms allowed`;
  const metrics = {
    requests,
    percentile,
    maxMs,
    low,
    ...(value === Infinity ? {} : { ms: value }),
    ...(high === Infinity ? {} : { high }),
  };
  return value <= maxMs ? passed(reason, metrics) : failed(reason, metrics);
}
