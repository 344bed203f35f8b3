import { literally } from "../../validation/regex";
import type { Span } from "./source";

/** How far back a series is looked for that says what was counted before a span. */
const BEFORE = "1h";

/**
 * PromQL for how much each counter grew in a span, evaluated at its end. Unlike `increase()` it counts what was there in the very
 * first sample of a new series: a version's first failures are one. Nor does it extrapolate.
 *
 * - a series from before the span that was not reset in it: its last value less the last one from before;
 * - a series that began in the span, while Prometheus was already there: its last value;
 * - all others (reset in the span, or Prometheus itself is new): `increase()`, and where that knows nothing the last value since a reset.
 */
export function increaseOf(selector: string, { from, to }: Span): string {
  const window = `${Math.max(1, Math.round(to - from))}ms`;
  const within = `${selector}[${window}]`;
  const last = `last_over_time(${within})`;
  const before = `last_over_time(${selector}[${BEFORE}] offset ${window})`;
  return [
    `((${last} - ${before} >= 0) unless (resets(${within}) > 0))`,
    `((${last} unless ${before}) and on() (count(up offset ${window}) > 0))`,
    `increase(${within})`,
    `(${last} and ${before})`,
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
