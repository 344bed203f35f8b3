import { count, percent, percentagePoints } from "../../internal/format";
import { shape } from "../../validation/shape";
import { amount } from "../../validation/values";
import type { VersionTraffic } from "../metrics/source";
import { type Assessment, failed, passed, inconclusive } from "./assessment";
import { type Comparison, compared, isProvedWithin, isProvedWorse } from "./comparison";
import { type DurationComparison, durationsCompared, withBound } from "./durationComparison";
import { type GateDefinition, Verdict } from "./gate";
import { above } from "./histogram";
import { type Proportion, shareOf } from "./proportions";
import {
  type Traffic,
  failuresOf,
  isAssessment,
  isSound,
  sufficient,
  sufficientDurations,
  together,
} from "./sampleSize";
import {
  CONFIDENCE,
  DEFAULT_CONFIDENCE,
  DEFAULT_MIN_REQUESTS,
  type Judgement,
  PERCENTILE,
  TRAFFIC_FIELDS,
  type Tests,
  type TrafficSample,
} from "./trafficGate";

/**
 * The target does no worse than the other versions in the same window, so that trouble that all versions share is not
 * held against it. It passes when its share of failed requests is at most `margin` above theirs with the stated
 * confidence, fails when it is more than that above theirs with the stated confidence, and is inconclusive in between:
 * more requests will tell. A target without failures, beside others without, needs about 400 requests in a step for a
 * margin of 1 and 0.95; where 1% of the requests to all versions fail, about 1,200.
 */
export interface BaselineGate extends GateDefinition {
  kind: "baseline";
  /**
   * How much worse it may be, in percentage points from 0 to 100. With 0 a target that is just as good is never proved
   * to be.
   * @default 1
   */
  margin?: number;
  /**
   * How sure an answer has to be, from 0.5 to 0.999999, however often the gate is asked: a version within the margin
   * fails with a chance of at most 1 less this over the whole run, and one beyond it passes with no greater chance over
   * a whole step.
   * @default 0.95
   */
  confidence?: number;
  /** With fewer requests than this, on either side, nothing is decided. 1 or more. @default 50 */
  minRequests?: number;
  /** Compares how long requests take, too. @default durations are not compared */
  latency?: BaselineLatency;
  /**
   * The app whose requests are judged, by its name: one that takes the same steps (`with`).
   * @default each app that the run moves, by a gate of its own: that of `cart` is called `errors (cart)`
   */
  app?: string;
  /** How far to look back at the most, e.g. `1m`. @default as long as the step's shares have been in force */
  window?: string;
  /** How long to wait for the metrics, in seconds from 0.1 to 600. @default 10 */
  timeoutSeconds?: number;
}

/**
 * Slow is what takes longer than this percentile of the other versions' requests, up to the end of its bucket: bounds
 * of buckets can be compared exactly, whatever lies within. What a sample's requests are compared by is decided by those
 * before it in the step, so the first answer of a run is inconclusive.
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
  confidence: CONFIDENCE,
  latency: shape({ percentile: PERCENTILE, margin: MARGIN }),
};

/** The tests of this gate. */
interface BaselineTests extends Tests {
  failed?: Comparison;
  slow?: DurationComparison;
}

export function evaluateBaseline(gate: BaselineGate, sample: TrafficSample, target: string): Judgement {
  const { margin = 1, confidence = DEFAULT_CONFIDENCE, minRequests = DEFAULT_MIN_REQUESTS, latency } = gate;
  const { traffic, step } = sample;
  const tests = afterNews(gate, sample, target);
  const ours = sufficient(traffic[target], `version ${target}`, minRequests);
  const theirs = sufficient(together(othersOf(traffic, target)), "the other versions", minRequests);
  if (isAssessment(ours) || isAssessment(theirs)) {
    return { assessment: isAssessment(ours) ? ours : (theirs as Assessment), tests };
  }
  const certainty = { step, confidence, comparisons: latency === undefined ? 1 : 2 };
  const failures = assess("failed", [failuresOf(ours), failuresOf(theirs)], margin, tests.failed, certainty, "failed");
  if (latency === undefined) {
    return { assessment: failures, tests };
  }
  const tooFew =
    sufficientDurations(ours, `version ${target}`, minRequests) ??
    sufficientDurations(theirs, "the other versions", minRequests);
  const slow = tooFew ? tests.slow : withBound(tests.slow, [ours, theirs], latency.percentile ?? 95);
  const durations = tooFew ?? assessDurations([ours, theirs], latency, slow, certainty);
  return { assessment: worst([failures, durations]), tests: { ...tests, slow } };
}

/** The tests with what is new. */
function afterNews({ margin = 1, latency }: BaselineGate, sample: TrafficSample, target: string): BaselineTests {
  const { fresh, step } = sample;
  const tests: BaselineTests = sample.tests;
  const [ours, theirs] = [fresh[target], together(othersOf(fresh, target))];
  if (ours === undefined || theirs === undefined || !isSound(ours) || !isSound(theirs)) {
    return tests;
  }
  const failed = compared(tests.failed, step, failuresOf(ours), failuresOf(theirs), margin / 100);
  if (latency === undefined) {
    return { failed };
  }
  const { margin: slowMargin = DEFAULT_SLOW_MARGIN } = latency;
  return { failed, slow: durationsCompared(tests.slow, step, [ours, theirs], slowMargin / 100) };
}

/** How many more may be slow unless the definition says otherwise, in percentage points. */
const DEFAULT_SLOW_MARGIN = 5;

function othersOf(traffic: Traffic, target: string): VersionTraffic[] {
  return Object.entries(traffic).flatMap(([version, each]) => (version === target ? [] : [each]));
}

/** How sure an answer has to be, in which step, and of how many comparisons each may be wrong. */
interface Certainty {
  step: number;
  confidence: number;
  comparisons: number;
}

function assessDurations(
  seen: readonly [VersionTraffic, VersionTraffic],
  { percentile = 95, margin = DEFAULT_SLOW_MARGIN }: BaselineLatency,
  slow: DurationComparison | undefined,
  certainty: Certainty,
): Assessment {
  if (slow === undefined) {
    return inconclusive(
      `p${count(percentile, 3)} of the other versions is above the highest latency bucket, so nothing can be slower`,
    );
  }
  const { bound, comparison } = slow;
  const shares = seen.map(({ durations }) => above(durations, bound)) as [Proportion, Proportion];
  return assess(`took more than ${count(bound, 2)} ms`, shares, margin, comparison, certainty, "slow");
}

/** Judges the difference of two shares of something bad. `prefix` keeps the metrics of two comparisons apart. */
function assess(
  what: string,
  [ours, theirs]: readonly [Proportion, Proportion],
  margin: number,
  comparison: Comparison | undefined,
  { step, confidence, comparisons }: Certainty,
  prefix: string,
): Assessment {
  const difference = shareOf(ours) - shareOf(theirs);
  const shares = `${percent(shareOf(ours), 2)} of ${count(ours.of, 2)} target requests ${what}, and ${percent(shareOf(theirs), 2)} of ${count(theirs.of, 2)} others`;
  const allowed = `at most ${percentagePoints(margin / 100)} more allowed`;
  const named = {
    Share: shareOf(ours) * 100,
    OtherShare: shareOf(theirs) * 100,
    Requests: ours.of,
    OtherRequests: theirs.of,
    Difference: difference * 100,
    Margin: margin,
  };
  const metrics = Object.fromEntries(Object.entries(named).map(([name, value]) => [`${prefix}${name}`, value]));
  const sure = `with ${percent(confidence, 4)} confidence`;
  const isWithin = difference <= margin / 100;
  if (!isWithin && isProvedWorse(comparison, 1 - (1 - confidence) / comparisons)) {
    return failed(`${shares}: ${allowed}, and it is more ${sure}`, metrics);
  }
  if (isWithin && isProvedWithin(comparison, step, confidence)) {
    return passed(`${shares}: ${allowed}, and it is no more ${sure}`, metrics);
  }
  return inconclusive(`${shares}: ${allowed}, and neither is certain ${sure}; need more requests`, metrics);
}

/** All of them as one: failed if one has failed, passed if all have passed. */
function worst(assessments: readonly Assessment[]): Assessment {
  const rank = [Verdict.Failed, Verdict.Inconclusive, Verdict.Passed] as const;
  const verdict = rank.find((each) => assessments.some((assessment) => assessment.verdict === each)) as Verdict;
  const reason = assessments.map((assessment) => assessment.reason).join("; ");
  return { verdict, reason, metrics: Object.assign({}, ...assessments.map(({ metrics }) => metrics)) };
}
