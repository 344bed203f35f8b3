import { milliseconds } from "../../validation/numbers";
import { amount, duration, integer, oneOf } from "../../validation/values";
import type { MetricsSource, Span } from "../metrics/source";
import type { GateInput } from "./gate";
import { type Assessment } from "./assessment";
import { Of, type Traffic } from "./sampleSize";

/** With fewer requests than this a gate decides nothing, unless its definition says otherwise. */
export const DEFAULT_MIN_REQUESTS = 50;

/** What the fields that several kinds of gates share have to be. */
export const TRAFFIC_FIELDS = {
  minRequests: integer(1, 1e9, "a whole number of requests, 1 or more,"),
  window: duration,
};
export const OF = oneOf(Object.values(Of));
export const PERCENTILE = amount(0.001, 99.999, "a percentile, more than 0 and less than 100, such as 99,");

/** What a gate looks at: from the moment that the step's shares are in force, or as far back as its window goes. */
export function spanOf({ since, now }: GateInput, window?: string): Span {
  const longest = window === undefined ? Infinity : (milliseconds(window) ?? Infinity);
  return { from: Math.max(since, now - longest), to: now };
}

/** Asks for the traffic and has it judged. */
export function judgedTraffic<T extends { window?: string }>(
  definition: T,
  metrics: MetricsSource,
  judge: (definition: T, traffic: Traffic, target: string) => Assessment,
) {
  return async (question: GateInput, signal: AbortSignal): Promise<Assessment> =>
    judge(definition, await metrics.traffic(spanOf(question, definition.window), signal), question.target);
}
