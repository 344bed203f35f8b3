import { performance } from "node:perf_hooks";
import { setTimeout as sleepFor } from "node:timers/promises";
import { sharedByMany } from "../abortSignals";
import { errorMessage } from "./errorMessage";
import { type Environment, proxyFor } from "./proxy";
import { type HttpRequest, type HttpResponse, request } from "./request";
import { isRetriedAnswer, isRetriedError, pauseBefore, type RetryPolicy } from "./retryPolicy";

/** Waits this many milliseconds; returns early, without rejecting, when the signal is aborted. */
export type Sleep = (milliseconds: number, signal: AbortSignal) => Promise<void>;

/** What goes with a request that may be sent several times. */
export interface SendOptions {
  /** Cancels the request. @default never */
  signal?: AbortSignal;
  /** Where the proxy variables are. @default the process's environment */
  env?: Environment;
  /** The time in ms since the epoch. @default the system's */
  now?(): number;
  /** @default real time */
  sleep?: Sleep;
  /** By chance, from 0 to 1. @default Math.random */
  random?(): number;
}

/** A request got no response, however often it was sent. The message shows the host and no more of the URL. */
export class NoAnswerError extends Error {
  constructor(
    /** What happened to the last attempt. */
    message: string,
    /** How often it was sent. */
    readonly attempts: number,
    /** Whether the last attempt took too long. */
    readonly timedOut: boolean,
  ) {
    super(message);
    this.name = "NoAnswerError";
  }
}

/**
 * Sends a request, through a proxy where the environment names one for it, and again as the policy says.
 *
 * @returns The last answer, whatever its status.
 * @throws NoAnswerError if the last attempt was not answered; ProxyError if a proxy variable holds no proxy's URL; the
 *   signal's reason if that is aborted.
 */
export async function sendWithRetry(
  given: HttpRequest,
  policy: RetryPolicy,
  options: SendOptions = {},
): Promise<HttpResponse> {
  const sent = await sendUnlessDone<never>(given, policy, async () => undefined, options);
  return "found" in sent ? sent.found : sent;
}

/**
 * As {@link sendWithRetry}, for a request that must not be carried out twice: an attempt without a good answer may have
 * been carried out all the same.
 *
 * @param findResult Looks for what an earlier attempt has done; asked before each retry. Nothing is sent again once it has
 *   found something, or if it fails.
 * @returns The last answer, or what was found.
 * @throws As {@link sendWithRetry}, and what `findResult` throws.
 */
export async function sendUnlessDone<Found>(
  given: HttpRequest,
  policy: RetryPolicy,
  findResult: (signal: AbortSignal) => Promise<Found | undefined>,
  {
    signal = new AbortController().signal,
    env = process.env,
    now = systemNow,
    sleep = systemSleep,
    random = Math.random,
  }: SendOptions = {},
): Promise<HttpResponse | { found: Found }> {
  const outgoing = { ...given, proxy: given.proxy ?? proxyFor(given.url, env) };
  const end = now() + (policy.deadlineMs ?? Infinity);
  for (let attempt = 1; ; attempt++) {
    const outcome = await attemptOnce(outgoing, policy, attempt, end - now(), signal);
    const pause =
      attempt <= policy.retries && outcome.isRetried
        ? pauseBefore(attempt, policy, outcome.answer?.headers["retry-after"], now(), random())
        : undefined;
    if (pause === undefined || now() + pause >= end) {
      return outcome.answer ?? Promise.reject(outcome.error);
    }
    await sleep(pause, signal);
    signal.throwIfAborted();
    const found = await findResult(signal);
    if (found !== undefined) {
      return { found };
    }
  }
}

/** What came of one attempt. */
type Attempt = { isRetried: boolean } & (
  { answer: HttpResponse; error?: undefined } | { answer?: undefined; error: NoAnswerError }
);

async function attemptOnce(
  outgoing: HttpRequest,
  policy: RetryPolicy,
  attempt: number,
  leftMs: number,
  signal: AbortSignal,
): Promise<Attempt> {
  signal.throwIfAborted();
  const timeoutMs = Math.max(0, Math.min(policy.attemptTimeoutMs ?? Infinity, leftMs));
  const ending = new AbortController();
  const stop = () => ending.abort();
  let timedOut = false;
  const expire = () => {
    timedOut = true;
    stop();
  };
  const timer = timeoutMs <= LONGEST_TIMER_MS ? setTimeout(expire, timeoutMs) : undefined;
  sharedByMany(signal).addEventListener("abort", stop, { once: true });
  try {
    const answer = await request(outgoing, ending.signal);
    return { answer, isRetried: isRetriedAnswer(answer, outgoing, policy) };
  } catch (error) {
    signal.throwIfAborted();
    const message = timedOut
      ? `there was no answer within ${Number((timeoutMs / 1000).toFixed(1))} s`
      : withoutPath(errorMessage(error), outgoing.url);
    return {
      error: new NoAnswerError(message, attempt, timedOut),
      isRetried: timedOut || isRetriedError(error),
    };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

/** Longer ones, which Node's timers cannot do, are none. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Errors of the network can quote what was asked for. */
function withoutPath(text: string, { pathname, search }: URL): string {
  const secret = `${pathname}${search}`;
  return secret.length > 1 ? text.replaceAll(secret, "…") : text;
}

/** Does not jump when the system's clock is set. */
const systemNow = (): number => performance.timeOrigin + performance.now();

const systemSleep: Sleep = (milliseconds, signal) =>
  sleepFor(milliseconds, undefined, { signal: sharedByMany(signal) }).catch(() => undefined);
