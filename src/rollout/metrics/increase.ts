import { literally } from "../../validation/regex";
import type { Span } from "./source";

/** How far back a series is looked for that says what was counted before a span. */
const BEFORE = "1h";

/**
 * PromQL for how much each counter grew in a span, evaluated at its end. Unlike `increase()` it counts what was there
 * in the very first sample of a new series (a version's first failures are one), and does not extrapolate. In the order
 * of its parts, for a series
 *
 * - from before the span, not reset in it: its last value less the last one from before;
 * - that began in the span, while Prometheus was already there: its last value;
 * - that was reset before its first sample in the span: its last value;
 * - that was reset once in it: up to its highest value, and its last one again;
 * - otherwise (reset several times, or Prometheus itself is new): `increase()`.
 */
export function increaseOf(selector: string, { from, to }: Span): string {
  const window = `${Math.max(1, Math.round(to - from))}ms`;
  const within = `${selector}[${window}]`;
  const last = `last_over_time(${within})`;
  const highest = `max_over_time(${within})`;
  const before = `last_over_time(${selector}[${BEFORE}] offset ${window})`;
  const resets = `resets(${within})`;
  return [
    `((${last} - ${before} >= 0) unless (${resets} > 0))`,
    `((${last} unless ${before}) and on() (count(up offset ${window}) > 0))`,
    `((${last} and ${before}) unless (${resets} > 0))`,
    `(((${highest} - ${before} >= 0) + ${last}) and (${last} < ${highest}) and (${resets} == 1))`,
    `increase(${within})`,
  ].join(" or ");
}

/** The sums of {@link increaseOf} over all series with the same labels. */
export function sumOfIncreases(labels: readonly string[], selector: string, span: Span): string {
  return `sum by (${labels.join(", ")}) (${increaseOf(selector, span)})`;
}

/** A label that has one of these texts; the texts are taken as they are. */
export function oneOfTexts(label: string, texts: readonly string[]): string {
  return `${label}=~${quoted(texts.map(literally).join("|"))}`;
}

/** A text as PromQL writes it. */
export function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
