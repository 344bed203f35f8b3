import { type Agent, type OutgoingHttpHeaders, request as plainRequest } from "node:http";
import { request as securedRequest } from "node:https";

/** One request, with all that is sent. */
export interface Outgoing {
  url: URL;
  /** @default "GET" */
  method?: string;
  headers?: OutgoingHttpHeaders;
  body?: string;
  agent?: Agent;
  /** `user:password` for basic authentication. @default as in the URL */
  auth?: string;
}

/** The answer to it, whatever its status. */
export interface Incoming {
  status: number;
  body: string;
}

/** The longest body that is read, in characters; what is longer is an error, and not the process's memory. */
const LONGEST_BODY = 64 * 1024 * 1024;

/**
 * Sends one request and reads its whole answer. Redirects are not followed. Rejects if there is no answer, or the
 * signal says stop.
 */
export function exchange(
  { url, method = "GET", headers, body, agent, auth }: Outgoing,
  signal: AbortSignal,
): Promise<Incoming> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? securedRequest : plainRequest;
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const outgoing = send(
      url,
      { method, headers: { ...headers, ...length }, agent, signal, ...(auth === undefined ? {} : { auth }) },
      (incoming) => {
        const parts: string[] = [];
        let size = 0;
        incoming.setEncoding("utf8");
        incoming.on("data", (part: string) => {
          parts.push(part);
          size += part.length;
          if (size > LONGEST_BODY) {
            incoming.destroy(new Error(`the answer is longer than ${LONGEST_BODY / 1024 / 1024} MB`));
          }
        });
        incoming.on("error", reject);
        incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, body: parts.join("") }));
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/**
 * What an error says to a person. Several addresses that were all tried in vain are one error without words of its own.
 */
export function causeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return causeOf(error.errors[0]);
  }
  const { message, code } = (error ?? {}) as { message?: string; code?: string };
  return message || code || String(error);
}
