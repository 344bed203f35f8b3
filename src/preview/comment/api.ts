import { causeOf, exchange } from "../../internal/http/exchange";

/** An HTTP API that takes and gives JSON. */
export interface JsonApi {
  /** Its address, e.g. `https://api.github.com`. */
  url: string;
  /** Sent with every request; not shown in errors. */
  headers: Readonly<Record<string, string>>;
}

const TIMEOUT_MS = 30_000;

/**
 * Calls the API.
 *
 * @throws Error with the method, the path, the status and the beginning of the answer; never with what was sent.
 */
export async function call<T>({ url, headers }: JsonApi, method: string, path: string, body?: unknown): Promise<T> {
  const what = `${method} ${url}${path}`;
  const target = new URL(`${url.replace(/\/+$/, "")}${path}`);
  const sent = { "content-type": "application/json", "user-agent": "canary-app", ...headers };
  const { status, body: text } = await exchange(
    { url: target, method, headers: sent, body: body === undefined ? undefined : JSON.stringify(body) },
    AbortSignal.timeout(TIMEOUT_MS),
  ).catch((error) => {
    throw new Error(`${what}: ${causeOf(error)}`);
  });
  if (status < 200 || status > 299) {
    throw new Error(`${what}: ${status}: ${text.slice(0, 200)}`);
  }
  return (text === "" ? undefined : JSON.parse(text)) as T;
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
