import { ProxyError } from "./proxy";
import type { HttpRequest, HttpResponse } from "./request";

/**
 * When a request is sent again: after an error of the connection, after a timeout, and after an answer of 429, 502, 503
 * or 504; after another 5xx as `retryServerErrors` says. Before that it is waited: twice as long each time, by chance
 * between half of that and all of it, so that many clients do not come back in the same instant; and at least as long as
 * the answer's `Retry-After` asks for.
 */
export interface RetryPolicy {
  /** How often it is sent again, from 0. */
  retries: number;
  /**
   * Whether it is sent again after any 5xx, for it does no harm if the first was carried out.
   * @default true for methods that are idempotent by HTTP's definition, such as GET and PUT, else false
   */
  retryServerErrors?: boolean;
  /** The time limit of one attempt, in ms. @default as long as the deadline allows */
  attemptTimeoutMs?: number;
  /** The time limit of all attempts and the pauses between them, in ms. @default no limit */
  deadlineMs?: number;
  /** The maximum pause before the first retry, in ms. @default 500 */
  firstPauseMs?: number;
  /** The longest pause, in ms. If `Retry-After` asks for a longer one, the request is not sent again. @default 30000 */
  longestPauseMs?: number;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

const TRANSIENT = new Set([429, 502, 503, 504]);

const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/** Whether the policy lets a request be sent again after this answer. */
export function isRetriedAnswer(
  { status }: Pick<HttpResponse, "status">,
  { method = "GET" }: Pick<HttpRequest, "method">,
  { retryServerErrors = IDEMPOTENT.has(method) }: Pick<RetryPolicy, "retryServerErrors">,
): boolean {
  return TRANSIENT.has(status) || (retryServerErrors && status >= 500 && status <= 599);
}

/** Errors of the network that may be gone the next time; not those of certificates, protocols and wrong requests. */
const CONNECTION_ERRORS = new Set([
  "EADDRNOTAVAIL",
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);

/** Whether a request that ended with this error is sent again. */
export function isRetriedError(error: unknown): boolean {
  if (error instanceof AggregateError) {
    return error.errors.some(isRetriedError);
  }
  if (error instanceof ProxyError) {
    return error.status === undefined ? isRetriedError(error.cause) : TRANSIENT.has(error.status);
  }
  return CONNECTION_ERRORS.has((error as NodeJS.ErrnoException | undefined)?.code ?? "");
}

/**
 * How long to wait before a retry, in ms; undefined if the server asks for more than the policy's longest pause.
 *
 * @param retry Which one, from 1.
 * @param retryAfter The header of the answer before, if there was one.
 * @param now In ms since the epoch.
 * @param random From 0 to 1.
 */
export function pauseBefore(
  retry: number,
  { firstPauseMs = FIRST_PAUSE_MS, longestPauseMs = LONGEST_PAUSE_MS }: RetryPolicy,
  retryAfter: string | undefined,
  now: number,
  random: number,
): number | undefined {
  const longest = Math.min(firstPauseMs * 2 ** (retry - 1), longestPauseMs);
  const pause = (longest * (1 + random)) / 2;
  const asked = retryAfterMs(retryAfter, now);
  return asked > longestPauseMs ? undefined : Math.max(pause, asked);
}

/** What `Retry-After` asks for, in seconds or as a date; 0 for a header that is missing or neither. */
function retryAfterMs(header: string | undefined, now: number): number {
  const text = (header ?? "").trim();
  if (/^\d+$/.test(text)) {
    return Number(text) * 1000;
  }
  const date = text.endsWith("GMT") ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
