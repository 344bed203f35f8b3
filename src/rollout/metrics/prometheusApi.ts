import { errorMessage } from "../../internal/http/errorMessage";
import { type Confidential, type Secrets, revealed, revealedHeaders } from "../../internal/http/secrets";
import { NoAnswerError, sendWithRetry } from "../../internal/http/sendWithRetry";
import { shownUrl } from "../../internal/http/url";
import { numberOf } from "./exposition";

/** How a Prometheus, or anything else that answers its queries, is reached. */
export interface PrometheusServer {
  /**
   * Where its API begins, without `/api/v1`, e.g. `http://prometheus.istio-system:9090`. User and password may be in
   * it.
   */
  url: string;
  /** Sent as `Authorization: Bearer …`; best as `{ secret: NAME }`, a key of the stack's config. @default none */
  token?: Confidential;
  /** Headers to send, e.g. `X-Scope-OrgID`; each a text, or `{ secret: NAME }`. @default none */
  headers?: Record<string, Confidential>;
  /**
   * How long one query may take, in seconds from 0.1 to 600. One that gets no answer, or one of 429 or 5xx, is sent once
   * more within that time.
   * @default 10
   */
  timeoutSeconds?: number;
}

/** One series of an answer. A scalar has no labels. */
export interface Series {
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** The answer of the API, as far as it is read here. */
interface ApiAnswer {
  status?: string;
  error?: string;
  data?: { resultType?: string; result?: unknown };
}

/** Asks a Prometheus. What is secret in how it is reached is in none of its errors. */
export class PrometheusApi {
  /** The server, for people. */
  readonly shown: string;

  constructor(
    private readonly server: PrometheusServer,
    private readonly secrets?: Secrets,
  ) {
    this.shown = shownUrl(new URL(server.url));
  }

  /**
   * What a query gives at a time in ms since the epoch; NaN is a value of its own. Rejects if there is no answer of
   * use.
   */
  async query(query: string, at: number, signal: AbortSignal): Promise<Series[]> {
    const { timeoutSeconds = 10 } = this.server;
    const answer = await this.send(query, at, timeoutSeconds * 1000, signal).catch((error) => {
      signal.throwIfAborted();
      throw new Error(
        error instanceof NoAnswerError && error.timedOut
          ? `Prometheus at ${this.shown} did not answer within ${timeoutSeconds} s`
          : `cannot query Prometheus at ${this.shown}: ${errorMessage(error)}`,
      );
    });
    const parsed = parsedAnswer(answer.body);
    if (answer.status !== 200 || parsed?.status !== "success") {
      throw new Error(
        `Prometheus at ${this.shown} answered ${answer.status}${parsed?.error ? `: ${parsed.error}` : ""}`,
      );
    }
    return (
      seriesIn(parsed.data) ??
      fail(
        `Prometheus at ${this.shown} answered with ${parsed.data?.resultType ?? "nothing"}; need a query that returns an instant vector or a scalar`,
      )
    );
  }

  /** By POST: a query may be longer than a URL. It changes nothing, so it may be sent again. */
  private send(query: string, at: number, deadlineMs: number, signal: AbortSignal) {
    const { url, token, headers } = this.server;
    const target = new URL(url);
    target.pathname = `${target.pathname.replace(/\/+$/, "")}/api/v1/query`;
    const bearer = token === undefined ? {} : { authorization: `Bearer ${revealed(token, this.secrets)}` };
    const sent = {
      ...revealedHeaders(headers, this.secrets),
      ...bearer,
      "content-type": "application/x-www-form-urlencoded",
    };
    return sendWithRetry(
      {
        url: target,
        method: "POST",
        headers: sent,
        body: new URLSearchParams({ query, time: (at / 1000).toFixed(3) }).toString(),
      },
      { retries: RETRIES, retryServerErrors: true, deadlineMs },
      { signal },
    );
  }
}

const RETRIES = 1;

function parsedAnswer(body: string): ApiAnswer | undefined {
  try {
    return JSON.parse(body) as ApiAnswer;
  } catch {
    return undefined;
  }
}

function seriesIn(data: ApiAnswer["data"]): Series[] | undefined {
  const { resultType, result } = data ?? {};
  if (resultType === "scalar") {
    const value = valueIn(result);
    return value === undefined ? undefined : [{ labels: {}, value }];
  }
  if (resultType !== "vector" || !Array.isArray(result)) {
    return undefined;
  }
  return (result as { metric?: Record<string, string>; value?: unknown }[]).flatMap(({ metric = {}, value }) => {
    const number = valueIn(value);
    return number === undefined ? [] : [{ labels: metric, value: number }];
  });
}

/** Of `[time, "text"]`; undefined for what is no number, such as a native histogram. */
function valueIn(pair: unknown): number | undefined {
  const text = Array.isArray(pair) ? pair[1] : undefined;
  return typeof text === "string" ? numberOf(text) : undefined;
}

function fail(message: string): never {
  throw new Error(message);
}
