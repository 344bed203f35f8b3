import { count, counted, percent } from "../../internal/format";
import { required } from "../../validation/shape";
import { amount } from "../../validation/values";
import { type Assessment, failed, passed, inconclusive } from "./assessment";
import type { GateDefinition } from "./gate";
import { longer, observations, quantile, quantileInterval } from "./histogram";
import { Of, type Traffic, enough, isAssessment, sufficientDurations } from "./sampleSize";
import { isBroken, type ShareRule, type ShareTests, shareTests } from "./shareTest";
import {
  CONFIDENCE,
  DEFAULT_CONFIDENCE,
  DEFAULT_MIN_REQUESTS,
  type Judgement,
  OF,
  PERCENTILE,
  TRAFFIC_FIELDS,
  type TrafficSample,
} from "./trafficGate";

/**
 * This percentile of the requests' durations is short enough. Proxies count durations in buckets: Envoy's end at 0.5,
 * 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000 ms and so on. With one of these as `maxMs` the answer is
 * exact; in between, durations are taken to be spread evenly within their bucket, as Prometheus does. It passes when the
 * percentile of the step's requests is short enough, fails when it is not and it is certain that this is no chance, and
 * is inconclusive in between: more requests will tell.
 */
export interface LatencyGate extends GateDefinition {
  kind: "latency";
  /** The longest that the percentile may be, in ms; more than 0. */
  maxMs: number;
  /** Which percentile; more than 0 and less than 100. @default 99 */
  percentile?: number;
  /**
   * How sure it has to be that the percentile is longer, from 0.5 to 0.999999: a version that is fast enough fails with a
   * chance of at most 1 less this, over the whole run and however often the gate is asked.
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

export const LATENCY_FIELDS = {
  ...TRAFFIC_FIELDS,
  maxMs: required(amount(0.001, 1e9, "a number of ms, more than 0,"), "the longest that the percentile may be, in ms,"),
  percentile: PERCENTILE,
  confidence: CONFIDENCE,
  of: OF,
};

export function evaluateLatency(gate: LatencyGate, sample: TrafficSample, target: string): Judgement {
  const { maxMs, percentile = 99, confidence = DEFAULT_CONFIDENCE, of = Of.Target } = gate;
  const rule: ShareRule = {
    allowed: (100 - percentile) / 100,
    confidence,
    of,
    bad: ({ durations }) => longer(durations, maxMs),
  };
  const tests = shareTests(rule, sample, target);
  return { assessment: assess(gate, rule, tests, sample.traffic, target), tests };
}

function assess(
  { maxMs, percentile = 99, minRequests = DEFAULT_MIN_REQUESTS }: LatencyGate,
  rule: ShareRule,
  tests: ShareTests,
  traffic: Traffic,
  target: string,
): Assessment {
  const seen = enough(traffic, target, rule.of, minRequests);
  if (isAssessment(seen)) {
    return seen;
  }
  const { durations } = seen;
  const tooFew = sufficientDurations(seen, rule.of === Of.Target ? `version ${target}` : "the app", minRequests);
  if (tooFew) {
    return tooFew;
  }
  const value = quantile(durations, percentile / 100);
  const { low, high } = quantileInterval(durations, percentile / 100, rule.confidence);
  const requests = observations(durations);
  const lastBound = durations.at(-2)?.upTo ?? 0;
  const told = value === Infinity ? `more than ${count(lastBound, 2)} ms` : `${count(value, 2)} ms`;
  const sure = high === Infinity ? `above ${count(low, 2)} ms` : `between ${count(low, 2)} and ${count(high, 2)} ms`;
  const reason = `p${count(percentile, 3)} of ${counted(requests, "request")} is ${told} (${sure} with ${percent(rule.confidence, 4)} confidence); at most ${count(maxMs, 2)} ms allowed`;
  const metrics = {
    requests,
    percentile,
    maxMs,
    low,
    ...(value === Infinity ? {} : { ms: value }),
    ...(high === Infinity ? {} : { high }),
  };
  if (value <= maxMs) {
    return passed(reason, metrics);
  }
  return isBroken(rule, tests)
    ? failed(reason, metrics)
    : inconclusive(`${reason}, but that can be chance; need more requests`, metrics);
}
