import type { Input } from "@pulumi/pulumi";
import { omitUndefined } from "../internal/objects";
import { shown } from "../validation/problem";
import { type Check, type Rule, required, setOf, shape } from "../validation/shape";
import { duration, flag, integer } from "../validation/values";
import type { Plain } from "./plain";

/** Which failed requests are retried, and how. */
export interface RetriesArgs {
  /**
   * The maximum number of retries; 0 for none, and then nothing else may be set. VirtualService
   * `http[].retries.attempts`.
   */
  attempts: Input<number>;
  /**
   * How long one attempt may take, e.g. `2s`. VirtualService `http[].retries.perTryTimeout`.
   * @default the route's timeout
   */
  perTryTimeout?: Input<string>;
  /**
   * Envoy's conditions and HTTP statuses, separated by commas, e.g. `5xx,reset` or `connect-failure,503`.
   * VirtualService `http[].retries.retryOn`.
   * @default "connect-failure,refused-stream,reset-before-request"
   */
  retryOn?: Input<string>;
  /**
   * Whether pods in other localities are tried, too. VirtualService `http[].retries.retryRemoteLocalities`.
   * @default Istio's, false
   */
  retryRemoteLocalities?: Input<boolean>;
  /**
   * Whether retries avoid a pod that failed. VirtualService `http[].retries.retryIgnorePreviousHosts`.
   * @default Istio's, true
   */
  retryIgnorePreviousHosts?: Input<boolean>;
  /** The minimum wait before a retry, which grows with each. VirtualService `http[].retries.backoff`. @default 25ms */
  backoff?: Input<string>;
}

/**
 * Only conditions that are safe for any request, even one that changes something: the connection was never made, or the
 * request was never sent or never processed. Without retries, a terminating pod would occasionally fail a request.
 */
export const SAFE_RETRIES = { attempts: 2, retryOn: "connect-failure,refused-stream,reset-before-request" } as const;

const CONDITIONS = [
  "5xx",
  "gateway-error",
  "reset",
  "reset-before-request",
  "connect-failure",
  "retriable-4xx",
  "refused-stream",
  "retriable-status-codes",
  "retriable-headers",
  "envoy-ratelimited",
  "http3-post-connect-failure",
  "cancelled",
  "deadline-exceeded",
  "internal",
  "resource-exhausted",
  "unavailable",
];

/** The ranges of registered statuses, as Istio knows them: from, to. */
const STATUSES = [
  [100, 103],
  [200, 208],
  [226, 226],
  [300, 305],
  [307, 308],
  [400, 418],
  [421, 426],
  [428, 429],
  [431, 431],
  [451, 451],
  [500, 508],
  [510, 511],
];

function isCondition(each: string): boolean {
  return (
    CONDITIONS.includes(each) ||
    (/^\d{3}$/.test(each) && STATUSES.some(([from, to]) => Number(each) >= from && Number(each) <= to))
  );
}

const conditions: Check = (value, findings) => {
  const given = typeof value === "string" ? value.split(",") : [""];
  const wrong = given.filter((each) => !isCondition(each));
  if (wrong.length > 0) {
    const what = given.length > 1 ? `, with ${shown(wrong[0])}` : "";
    findings.add(
      `is ${shown(value)}${what}`,
      `a text of Envoy's conditions or HTTP statuses, separated by commas, is needed; conditions are ${CONDITIONS.join(", ")}`,
    );
  }
};

const FIELDS: Readonly<Record<keyof RetriesArgs, Check>> = {
  attempts: required(
    integer(0, 2 ** 31 - 1, "a whole number of attempts, 0 or more,"),
    "a whole number of attempts, 0 or more,",
  ),
  perTryTimeout: duration,
  retryOn: conditions,
  retryRemoteLocalities: flag,
  retryIgnorePreviousHosts: flag,
  backoff: duration,
};

const nothingBesideNever: Rule<Plain<RetriesArgs>> = (value, findings) => {
  const others = setOf(
    value,
    Object.keys(FIELDS).filter((name) => name !== "attempts"),
  );
  if (value.attempts === 0 && others.length > 0) {
    findings.add(
      `has ${others.join(" and ")} beside attempts 0`,
      "0 attempts mean no retries: leave the others out, or raise attempts",
    );
  }
};

/** The check of retries. */
export const retries: Check = shape<Plain<RetriesArgs>>(FIELDS, nothingBesideNever);

/** Istio's retries; by default only safe ones. */
export function renderRetries(given?: Plain<RetriesArgs>): object {
  return given === undefined
    ? { ...SAFE_RETRIES }
    : given.attempts === 0
      ? { attempts: 0 }
      : { ...SAFE_RETRIES, ...omitUndefined(given) };
}
