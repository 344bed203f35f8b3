import { errorMessage } from "../../internal/http/errorMessage";
import {
  type Confidential,
  type Secrets,
  confidential,
  outgoingHeaders,
  revealed,
  revealedHeaders,
} from "../../internal/http/secrets";
import { NoAnswerError, sendWithRetry } from "../../internal/http/sendWithRetry";
import { httpUrl } from "../../internal/http/url";
import { type Check, list, required } from "../../validation/shape";
import { integer, oneOf } from "../../validation/values";
import type { Weights } from "../weights";
import { DEFAULT_TIMEOUT_SECONDS } from "./gateWithTimeout";
import { type GateDefinition, type GateInput, Phase } from "./gate";
import { type Assessment, failed, passed, inconclusive } from "./assessment";

/**
 * Another program is asked: {@link WebhookPayload} is sent to it by POST, as JSON. An answer of 2xx passes, any other
 * one fails, and no answer decides nothing. Redirects are not followed.
 */
export interface WebhookGate extends GateDefinition {
  kind: "webhook";
  /**
   * Where to, by http or https; or `{ secret: NAME }`, a key of the stack's config that holds it. Reports show no more
   * than its host.
   */
  url: Confidential;
  /** When it is asked: one or more of `start`, `step`, `hold`, `promotion`. @default ["hold"] */
  when?: Phase | Phase[];
  /** Headers beside `content-type`; each a text, or `{ secret: NAME }`. @default none */
  headers?: Record<string, Confidential>;
  /**
   * How often it is tried again where there was no answer, or one of 502, 503, 504 or 429; from 0 to 10. A `Retry-After`
   * is waited for if it is not longer than `timeoutSeconds`.
   * @default 2
   */
  retries?: number;
  /** How long to wait, all tries together, in seconds from 0.1 to 600. @default 10 */
  timeoutSeconds?: number;
}

/** What is sent. Fields may be added; those that are there stay. */
export interface WebhookPayload {
  /** The gate's name. */
  gate: string;
  /** When it is asked. */
  phase: Phase;
  /** The run's id. */
  run: string;
  app: string;
  namespace: string;
  /** The version that is to take over. */
  target: string;
  /** Index of the step; -1 before the first. */
  step: number;
  /** The shares in force, in percent by version name. */
  weights: Weights;
  /**
   * Since when they have been in force, or since a person let the run go on that this gate had paused; as ISO 8601 in
   * UTC.
   */
  since: string;
}

/** One phase or several. */
export const PHASES: Check = (value, findings) => {
  const phase = oneOf(Object.values(Phase));
  (Array.isArray(value) ? list(phase, "a list of phases", 1) : phase)(value, findings);
};

const url: Check = (value, findings) => (typeof value === "object" ? confidential : httpUrl)(value, findings);

export const WEBHOOK_FIELDS = {
  url: required(url, "a URL that starts with http:// or https://"),
  when: PHASES,
  headers: outgoingHeaders,
  retries: integer(0, 10, "a number of retries from 0 to 10"),
};

export function webhookGate(definition: WebhookGate, secrets?: Secrets) {
  return async (question: GateInput, signal: AbortSignal): Promise<Assessment> => {
    const { url: address, headers, retries = 2, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = definition;
    const target = targetOf(revealed(address, secrets));
    const body = JSON.stringify(payload(definition.name, question));
    const sent = { ...revealedHeaders(headers, secrets), "content-type": "application/json" };
    const policy = {
      retries,
      retryServerErrors: false,
      firstPauseMs: FIRST_PAUSE_MS,
      longestPauseMs: timeoutSeconds * 1000,
    };
    try {
      const { status } = await sendWithRetry({ url: target, method: "POST", headers: sent, body }, policy, { signal });
      return status >= 200 && status < 300
        ? passed(`${target.origin} answered ${status}`, { status })
        : failed(`${target.origin} answered ${status}; need 2xx`, { status });
    } catch (error) {
      if (!(error instanceof NoAnswerError)) {
        throw error;
      }
      const tries = error.attempts === 1 ? "1 try" : `${error.attempts} tries`;
      return inconclusive(`no response from ${target.origin} in ${tries}: ${errorMessage(error)}`);
    }
  };
}

const FIRST_PAUSE_MS = 250;

function targetOf(address: string): URL {
  if (!URL.canParse(address) || !/^https?:/.test(address)) {
    throw new Error("the webhook's URL in the stack's config is not an HTTP(S) URL");
  }
  return new URL(address);
}

function payload(
  gate: string,
  { phase, run, app, namespace, target, step, weights, since }: GateInput,
): WebhookPayload {
  return { gate, phase, run, app, namespace, target, step, weights, since: new Date(since).toISOString() };
}
