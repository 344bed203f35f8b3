import { errorMessage } from "../../internal/http/errorMessage";
import type { HttpRequest, HttpResponse } from "../../internal/http/request";
import { sendUnlessDone, sendWithRetry } from "../../internal/http/sendWithRetry";

/** An HTTP API that takes and gives JSON. */
export interface JsonApi {
  /** Its address, e.g. `https://api.github.com`. */
  url: string;
  /** Sent with every request; not shown in errors. */
  headers: Readonly<Record<string, string>>;
}

const POLICY = { retries: 3, retryServerErrors: true, attemptTimeoutMs: 30_000, deadlineMs: 120_000 };

/**
 * Calls the API, again where there is no answer or one of 429 or 5xx; for calls that may be carried out twice.
 *
 * @throws Error with the method, the path, the status and the beginning of the answer; never with what was sent.
 */
export async function call<T>(api: JsonApi, method: string, path: string, body?: unknown): Promise<T> {
  const request = requestTo(api, method, path, body);
  const what = described(api, method, path);
  return resultOf<T>(what, await sendWithRetry(request, POLICY).catch((error) => fail(what, error)));
}

/**
 * Calls the API to add something, which must not be added twice.
 *
 * @param find Looks for what an attempt without a good answer may have added; asked before each retry.
 * @returns What `find` came upon; undefined if the API answered that it was added.
 * @throws Error as {@link call}
 */
export async function add<Found>(
  api: JsonApi,
  path: string,
  body: unknown,
  find: () => Promise<Found | undefined>,
): Promise<Found | undefined> {
  const request = requestTo(api, "POST", path, body);
  const what = described(api, "POST", path);
  const sent = await sendUnlessDone(request, POLICY, find).catch((error) => fail(what, error));
  if ("found" in sent) {
    return sent.found;
  }
  resultOf(what, sent);
  return undefined;
}

/** All pages of a list, at most a hundred entries each. */
export async function callAll<T>(api: JsonApi, path: string): Promise<T[]> {
  const all: T[] = [];
  for (let page = 1; ; page++) {
    const entries = await call<T[]>(api, "GET", `${path}?per_page=${PAGE}&page=${page}`);
    all.push(...entries);
    if (entries.length < PAGE) {
      return all;
    }
  }
}

const PAGE = 100;

function requestTo({ url, headers }: JsonApi, method: string, path: string, body: unknown): HttpRequest {
  return {
    url: new URL(`${url.replace(/\/+$/, "")}${path}`),
    method,
    headers: { "content-type": "application/json", "user-agent": "canary-app", ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  };
}

function described({ url }: JsonApi, method: string, path: string): string {
  return `${method} ${url}${path}`;
}

function fail(what: string, error: unknown): never {
  throw new Error(`${what}: ${errorMessage(error)}`);
}

function resultOf<T>(what: string, { status, body }: HttpResponse): T {
  if (status < 200 || status > 299) {
    throw new Error(`${what}: ${status}: ${body.slice(0, 200)}`);
  }
  return (body === "" ? undefined : JSON.parse(body)) as T;
}
