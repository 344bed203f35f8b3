import type { VersionTraffic } from "../metrics/source";
import { logLikelihoodRatio } from "./likelihoodRatio";
import type { Proportion } from "./proportions";
import { type Of, isSound, trafficOf } from "./sampleSize";
import { afterSample, FAR_ABOVE, isDisproved, type SequentialTest } from "./sequentialTest";
import type { Tests, TrafficSample } from "./trafficGate";

/** A rule about the share of something bad: it is at most `allowed`. */
export interface ShareRule {
  /** From 0 to 1. */
  allowed: number;
  /** How sure it has to be that the rule is broken. */
  confidence: number;
  /** Whose requests. */
  of: Of;
  /** How many of them are bad. */
  bad(traffic: VersionTraffic): Proportion;
}

/** The one test of such a rule. */
export interface ShareTests extends Tests {
  share?: SequentialTest;
}

/** The tests after a sample: as before, where there is nothing new or what there is cannot be. */
export function shareTests(
  { allowed, of, bad }: ShareRule,
  { fresh, step, tests }: TrafficSample,
  target: string,
): ShareTests {
  const news = trafficOf(fresh, target, of);
  const counted = news !== undefined && isSound(news) ? bad(news) : { hits: 0, of: 0 };
  if (counted.of === 0) {
    return tests;
  }
  const gains = FAR_ABOVE.map(({ oddsRatio }) => logLikelihoodRatio(oddsRatio, counted, allowed));
  return { share: afterSample((tests as ShareTests).share, step, gains) };
}

/** Whether it is as sure as it has to be that the rule is broken. Where nothing bad is allowed, the first is enough. */
export function isBroken({ allowed, confidence }: ShareRule, { share }: ShareTests): boolean {
  return allowed === 0 || (share !== undefined && isDisproved(share.logs, FAR_ABOVE, confidence));
}
