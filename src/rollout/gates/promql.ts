import { count } from "../../internal/format";
import type { Check } from "../../validation/shape";
import { atLeastOneOf, required } from "../../validation/shape";
import { shown } from "../../validation/problem";
import { amount, duration, text } from "../../validation/values";
import type { MetricsSource } from "../metrics/source";
import type { GateDefinition, GateInput } from "./gate";
import { type Assessment, failed, passed, inconclusive } from "./assessment";
import { spanOf } from "./trafficGate";

/** A query of one's own to Prometheus gives one number within bounds. At least one of `min` and `max` is needed. */
export interface PromqlGate extends GateDefinition {
  kind: "promql";
  /**
   * In PromQL; its outcome must be a number or one single series. Put in are `{{app}}`, `{{namespace}}`, `{{target}}`
   * (the version's name), and `{{window}}` (e.g. `45s`, as a range needs it).
   */
  query: string;
  /** The least that passes. @default there is no least */
  min?: number;
  /** The most that passes. @default there is no most */
  max?: number;
  /**
   * The longest that `{{window}}` becomes, e.g. `1m`.
   * @default as long as the step's shares have been in force; at least 1 s
   */
  window?: string;
  /** How long to wait for the answer, in seconds from 0.1 to 600. @default 10 */
  timeoutSeconds?: number;
}

const PLACEHOLDERS = ["app", "namespace", "target", "window"] as const;

const query: Check = (value, findings) => {
  text("a query in PromQL")(value, findings);
  const unknown = [...(typeof value === "string" ? value : "").matchAll(/\{\{(.*?)\}\}/g)]
    .map(([whole, name]) => ({ whole, name: name.trim() }))
    .find(({ name }) => !PLACEHOLDERS.includes(name as never));
  if (unknown !== undefined) {
    findings.add(
      `has ${shown(unknown.whole)}`,
      `expected one of ${PLACEHOLDERS.map((name) => `{{${name}}}`).join(", ")}`,
    );
  }
};

const BOUND = amount(-Number.MAX_VALUE, Number.MAX_VALUE, "a number");

export const PROMQL_FIELDS = { query: required(query, "a query in PromQL"), min: BOUND, max: BOUND, window: duration };

const bounds: Check = (value, findings) => {
  const { min, max } = value as PromqlGate;
  if (min !== undefined && max !== undefined && min > max) {
    findings.field("min").add(`is ${min}, more than max`, "no number can pass; expected at most max");
  }
};
export const PROMQL_RULES = [atLeastOneOf("min", "max"), bounds];

/** The query as it is sent. */
export function filledQuery({ query: template, window }: PromqlGate, question: GateInput): string {
  const { from, to } = spanOf(question, window);
  const values: Record<string, string> = {
    app: question.app,
    namespace: question.namespace,
    target: question.target,
    window: `${Math.max(1, Math.round((to - from) / 1000))}s`,
  };
  return template.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name) => values[name] ?? whole);
}

/** Judges what a query gave: the numbers of its series. */
export function evaluateNumbers({ min, max }: Pick<PromqlGate, "min" | "max">, numbers: readonly number[]): Assessment {
  if (numbers.length !== 1) {
    return inconclusive(
      numbers.length === 0
        ? "the query returned no data"
        : `the query returned ${numbers.length} series; need one number, such as a sum() over them`,
    );
  }
  const [value] = numbers;
  if (Number.isNaN(value)) {
    return inconclusive("the query returned NaN, as a division by 0 does");
  }
  const allowed = [
    ...(min === undefined ? [] : [`at least ${count(min, 6)}`]),
    ...(max === undefined ? [] : [`at most ${count(max, 6)}`]),
  ].join(" and ");
  const reason = `the query returned ${count(value, 6)}; need ${allowed}`;
  const metrics = { value, ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  return value >= (min ?? -Infinity) && value <= (max ?? Infinity) ? passed(reason, metrics) : failed(reason, metrics);
}

export function promqlGate(definition: PromqlGate, metrics: MetricsSource) {
  return async (question: GateInput, signal: AbortSignal): Promise<Assessment> => {
    if (metrics.query === undefined) {
      return inconclusive(
        `${metrics.description} cannot run queries; gates of kind promql need a Prometheus as the metrics source`,
      );
    }
    return evaluateNumbers(definition, await metrics.query(filledQuery(definition, question), question.now, signal));
  };
}
