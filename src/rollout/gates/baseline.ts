import { count, percent, percentagePoints } from "../../internal/format";
import { shape } from "../../validation/shape";
import { amount } from "../../validation/values";
import type { VersionTraffic } from "../metrics/source";
import { type GateDefinition, Verdict } from "./gate";
import { above, quantile } from "./histogram";
import { type Assessment, failed, passed, inconclusive } from "./assessment";
import { normalQuantile } from "./normal";
import { type Proportion, differenceInterval, shareOf } from "./proportions";
import { type Traffic, isAssessment, sufficient, sufficientDurations, together } from "./sampleSize";
import { DEFAULT_MIN_REQUESTS, PERCENTILE, TRAFFIC_FIELDS } from "./trafficGate";

/**
 * The target does no worse than the other versions in the same window, so that trouble that all versions share is not
 * held against it. It passes when its share of failed requests is at most `margin` above theirs with the stated
 * confidence, fails when it is more than that above theirs with the stated confidence, and is inconclusive in between:
 * more requests will tell. A target that is exactly as good as a version without failures needs about 270 requests of
 * each for a margin of 1 and 0.95.
 */
export interface BaselineGate extends GateDefinition {
  kind: "baseline";
  /**
   * How much worse it may be, in percentage points from 0 to 100. With 0 a target that is just as good is never proved
   * to be.
   * @default 1
   */
  margin?: number;
  /** How sure an answer has to be, from 0.5 to 0.999999, each time that it is given. @default 0.95 */
  confidence?: number;
  /** With fewer requests than this, on either side, nothing is decided. 1 or more. @default 50 */
  minRequests?: number;
  /** Compares how long requests take, too. @default durations are not compared */
  latency?: BaselineLatency;
  /** How far to look back at the most, e.g. `1m`. @default as long as the step's shares have been in force */
  window?: string;
  /** How long to wait for the metrics, in seconds from 0.1 to 600. @default 10 */
  timeoutSeconds?: number;
}

/**
 * Slow is what takes longer than this percentile of the other versions' requests, up to the end of its bucket: bounds
 * of buckets can be compared exactly, whatever lies within.
 */
export interface BaselineLatency {
  /** Which percentile of the others' requests; more than 0 and less than 100. @default 95 */
  percentile?: number;
  /**
   * How many more of the target's requests than of the others' may be slow, in percentage points from 0 to 100.
   * @default 5
   */
  margin?: number;
}

const MARGIN = amount(0, 100, "a number of percentage points from 0 to 100");

export const BASELINE_FIELDS = {
  ...TRAFFIC_FIELDS,
  margin: MARGIN,
  confidence: amount(0.5, 0.999999, "a confidence from 0.5 to 0.999999, such as 0.95,"),
  latency: shape({ percentile: PERCENTILE, margin: MARGIN }),
};

export function evaluateBaseline(gate: BaselineGate, traffic: Traffic, target: string): Assessment {
  const { margin = 1, confidence = 0.95, minRequests = DEFAULT_MIN_REQUESTS, latency } = gate;
  const others = Object.entries(traffic).filter(([version]) => version !== target);
  const ours = sufficient(traffic[target], `version ${target}`, minRequests);
  if (isAssessment(ours)) {
    return ours;
  }
  const theirs = sufficient(together(others.map(([, each]) => each)), "the other versions", minRequests);
  if (isAssessment(theirs)) {
    return theirs;
  }
  const assessments = [compare("failed", failuresOf(ours), failuresOf(theirs), margin, confidence, "failed")];
  if (latency !== undefined) {
    assessments.push(compareDurations(ours, theirs, latency, confidence, minRequests, target));
  }
  return worst(assessments);
}

function compareDurations(
  ours: VersionTraffic,
  theirs: VersionTraffic,
  { percentile = 95, margin = 5 }: BaselineLatency,
  confidence: number,
  least: number,
  target: string,
): Assessment {
  const tooFew =
    sufficientDurations(ours, `version ${target}`, least) ?? sufficientDurations(theirs, "the other versions", least);
  if (tooFew) {
    return tooFew;
  }
  const typical = quantile(theirs.durations, percentile / 100);
  const bound =
    theirs.durations
      .map(({ upTo }) => upTo)
      .find((upTo) => upTo >= typical && ours.durations.some((bucket) => bucket.upTo === upTo)) ?? Infinity;
  if (bound === Infinity) {
    return inconclusive(
      `p${count(percentile, 3)} of the other versions is above the highest latency bucket, so nothing can be slower`,
    );
  }
  return compare(
    `took more than ${count(bound, 2)} ms`,
    above(ours.durations, bound),
    above(theirs.durations, bound),
    margin,
    confidence,
    "slow",
  );
}

/** Judges the difference of two shares of something bad. `prefix` keeps the metrics of two comparisons apart. */
function compare(
  what: string,
  ours: Proportion,
  theirs: Proportion,
  margin: number,
  confidence: number,
  prefix = "",
): Assessment {
  const { low, high } = differenceInterval(ours, theirs, normalQuantile(confidence));
  const shares = `${percent(shareOf(ours), 2)} of ${count(ours.of, 2)} target requests ${what}, and ${percent(shareOf(theirs), 2)} of ${count(theirs.of, 2)} others`;
  const sure = `with ${percent(confidence, 4)} confidence`;
  const allowed = `at most ${count(margin, 2)} allowed`;
  const named = {
    Share: shareOf(ours) * 100,
    OtherShare: shareOf(theirs) * 100,
    Requests: ours.of,
    OtherRequests: theirs.of,
    DifferenceLow: low * 100,
    DifferenceHigh: high * 100,
    Margin: margin,
  };
  const metrics = Object.fromEntries(Object.entries(named).map(([name, value]) => [`${prefix}${name}`, value]));
  if (low > margin / 100) {
    return failed(`${shares}: at least ${percentagePoints(low)} more ${sure}, ${allowed}`, metrics);
  }
  if (high <= margin / 100) {
    return passed(`${shares}: at most ${percentagePoints(high)} more ${sure}, ${allowed}`, metrics);
  }
  return inconclusive(
    `${shares}: between ${count(low * 100, 2)} and ${percentagePoints(high)} more, each ${sure}, ${allowed}; need more requests`,
    metrics,
  );
}

/** All of them as one: failed if one has failed, passed if all have passed. */
function worst(assessments: readonly Assessment[]): Assessment {
  const rank = [Verdict.Failed, Verdict.Inconclusive, Verdict.Passed] as const;
  const verdict = rank.find((each) => assessments.some((assessment) => assessment.verdict === each)) as Verdict;
  const reason = assessments.map((assessment) => assessment.reason).join("; ");
  return { verdict, reason, metrics: Object.assign({}, ...assessments.map(({ metrics }) => metrics)) };
}

function failuresOf({ requests, failures }: VersionTraffic): Proportion {
  return { hits: failures, of: requests };
}
