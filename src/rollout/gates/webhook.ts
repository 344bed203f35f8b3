import { causeOf, exchange } from "../../internal/http/exchange";
import {
  type Confidential,
  type Secrets,
  confidential,
  outgoingHeaders,
  revealed,
  revealedHeaders,
} from "../../internal/http/secrets";
import { httpUrl } from "../../internal/http/url";
import { type Check, list, required } from "../../validation/shape";
import { integer, oneOf } from "../../validation/values";
import type { Weights } from "../weights";
import { type GateDefinition, type GateQuestion, Moment } from "./gate";
import { type Judgement, failed, passed, undecided } from "./judgement";

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
  at?: Moment | Moment[];
  /** Headers beside `content-type`; each a text, or `{ secret: NAME }`. @default none */
  headers?: Record<string, Confidential>;
  /** How often it is tried again where there was no answer, or one of 502, 503, 504 or 429; from 0 to 10. @default 2 */
  retries?: number;
  /** How long to wait, all tries together, in seconds from 0.1 to 600. @default 10 */
  timeoutSeconds?: number;
}

/** What is sent. Fields may be added; those that are there stay. */
export interface WebhookPayload {
  /** The gate's name. */
  gate: string;
  /** When it is asked. */
  moment: Moment;
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
  /** Since when they have been in force, as ISO 8601 in UTC. */
  since: string;
}

/** One moment or several. */
export const MOMENTS: Check = (value, findings) => {
  const moment = oneOf(Object.values(Moment));
  (Array.isArray(value) ? list(moment, "a list of moments", 1) : moment)(value, findings);
};

const url: Check = (value, findings) => (typeof value === "object" ? confidential : httpUrl)(value, findings);

export const WEBHOOK_FIELDS = {
  url: required(url, "a URL that starts with http:// or https://"),
  at: MOMENTS,
  headers: outgoingHeaders,
  retries: integer(0, 10, "a number of retries from 0 to 10"),
};

export function askedByWebhook(definition: WebhookGate, secrets?: Secrets) {
  return async (question: GateQuestion, signal: AbortSignal): Promise<Judgement> => {
    const { url: address, headers, retries = 2 } = definition;
    const target = targetOf(revealed(address, secrets));
    const body = JSON.stringify(payload(definition.name, question));
    const sent = { ...revealedHeaders(headers, secrets), "content-type": "application/json" };
    let last = "";
    for (let attempt = 0; attempt <= retries; attempt++) {
      if (attempt > 0) {
        await pause(RETRY_MS * attempt, signal);
      }
      try {
        const { status } = await exchange({ url: target, method: "POST", headers: sent, body }, signal);
        if (status >= 200 && status < 300) {
          return passed(`${target.origin} answered ${status}`, { status });
        }
        if (!PASSING_TROUBLE.includes(status) || attempt === retries) {
          return failed(`${target.origin} answered ${status}; 2xx is needed`, { status });
        }
        last = `answered ${status}`;
      } catch (error) {
        if (signal.aborted) {
          throw error;
        }
        last = causeOf(error);
      }
    }
    return undecided(`${target.origin} gave no answer in ${retries + 1} tries: ${last}`);
  };
}

/** Answers of something on the way, or of a program that will be able to answer in a moment. */
const PASSING_TROUBLE = [429, 502, 503, 504];

const RETRY_MS = 250;

function targetOf(address: string): URL {
  if (!URL.canParse(address) || !/^https?:/.test(address)) {
    throw new Error("what the stack's config holds as the webhook's URL is not an HTTP(S) URL");
  }
  return new URL(address);
}

function payload(
  gate: string,
  { moment, run, app, namespace, target, step, weights, since }: GateQuestion,
): WebhookPayload {
  return { gate, moment, run, app, namespace, target, step, weights, since: new Date(since).toISOString() };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", stop, { once: true });
  });
}
