import { milliseconds } from "../../validation/numbers";
import { amount, duration, integer, oneOf, pattern } from "../../validation/values";
import type { MetricsSource, Span } from "../metrics/source";
import type { GateInput } from "./gate";
import type { Assessment } from "./assessment";
import { Of, type Traffic } from "./sampleSize";

/** With fewer requests than this a gate decides nothing, unless its definition says otherwise. */
export const DEFAULT_MIN_REQUESTS = 50;

/** What the fields that several kinds of gates share have to be. */
export const TRAFFIC_FIELDS = {
  minRequests: integer(1, 1e9, "a whole number of requests, 1 or more,"),
  window: duration,
  app: pattern(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, "the name of an app, such as cart,"),
};
export const CONFIDENCE = amount(0.5, 0.999999, "a confidence from 0.5 to 0.999999, such as 0.95,");
export const OF = oneOf(Object.values(Of));
export const PERCENTILE = amount(0.001, 99.999, "a percentile, more than 0 and less than 100, such as 99,");

/** How sure a gate is that something is so, unless its definition says otherwise. */
export const DEFAULT_CONFIDENCE = 0.95;

/** What a judge of traffic is given. */
export interface TrafficSample {
  /** What is judged: the traffic since the step's shares are in force, or as far back as the gate's window goes. */
  traffic: Traffic;
  /** What is new since the gate's last answer: only that is evidence that has not been counted yet. */
  fresh: Traffic;
  /** Index of the step. */
  step: number;
  /** How the gate's tests stand, as its last answer left them; none at first. */
  tests: Tests;
}

/** A gate's tests by name: as JSON holds them, each kind of gates has its own. */
export type Tests = Readonly<Record<string, unknown>>;

/** A judge's answer, with its tests as they stand now: the same objects where nothing was added. */
export interface Judgement {
  assessment: Assessment;
  tests: Tests;
}

/** What a gate looks at: from the moment that the step's shares are in force, or as far back as its window goes. */
export function spanOf({ since, now }: GateInput, window?: string): Span {
  const longest = window === undefined ? Infinity : (milliseconds(window) ?? Infinity);
  return { from: Math.max(since, now - longest), to: now };
}

/**
 * Asks for the traffic and has it judged. The tests go on from one answer to the next, over all steps of the run; what
 * was sent while a step's shares were not in force yet is no part of them.
 */
export function judgedTraffic<T extends { window?: string }>(
  definition: T,
  metrics: MetricsSource,
  judge: (definition: T, sample: TrafficSample, target: string) => Judgement,
) {
  return async (question: GateInput, signal: AbortSignal): Promise<Assessment> => {
    const { since, now, step, target } = question;
    const { until = since, tests: before = {} } = (question.evidence ?? {}) as { until?: number; tests?: Tests };
    const span = spanOf(question, definition.window);
    const news = { from: Math.max(since, until), to: now };
    const [traffic, fresh] = await Promise.all([
      metrics.traffic(span, signal),
      news.from === span.from ? undefined : metrics.traffic(news, signal),
    ]);
    const { assessment, tests } = judge(definition, { traffic, fresh: fresh ?? traffic, step, tests: before }, target);
    const hasMore = Object.keys(tests).some((name) => tests[name] !== before[name]);
    return hasMore ? { ...assessment, evidence: { until: now, tests } } : assessment;
  };
}
