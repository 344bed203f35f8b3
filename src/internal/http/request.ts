import type { Agent, IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { directly, refusedByProxy, senderFor, throughProxy, unreachableProxy } from "./connection";
import { sharedByMany } from "../abortSignals";
import { credentialsIn, type Proxy } from "./proxy";

/** One request, with all that is sent. */
export interface HttpRequest {
  url: URL;
  /** @default "GET" */
  method?: string;
  headers?: OutgoingHttpHeaders;
  body?: string;
  /** The connections to use; without a proxy only. @default those of this module, which stay open for a while */
  agent?: Agent;
  /** `user:password` for basic authentication. @default as in the URL */
  auth?: string;
  /** The proxy to go through. @default none: straight to the URL's host */
  proxy?: Proxy;
}

/** The answer to it, whatever its status. */
export interface HttpResponse {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** The longest body that is read, in characters; what is longer is an error, and not the process's memory. */
const LONGEST_BODY = 64 * 1024 * 1024;

/**
 * Sends one request and reads its whole answer. Redirects are not followed. Rejects if there is no answer, or the
 * signal says stop.
 */
export async function request(
  { url, method = "GET", headers, body, agent, auth = credentialsIn(url), proxy }: HttpRequest,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const route = proxy === undefined ? directly(url) : await throughProxy(url, proxy, signal);
  const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
  const options = {
    ...route,
    ...(agent === undefined || proxy !== undefined ? {} : { agent }),
    ...(auth === undefined ? {} : { auth }),
    method,
    headers: { ...route.headers, ...headers, ...length },
    signal: sharedByMany(signal),
  };
  return new Promise((resolve, reject) => {
    const outgoing = senderFor(route.protocol ?? url.protocol)(url, options, (incoming) => {
      const { statusCode: status = 0, headers: received } = incoming;
      if (proxy !== undefined && status === 407) {
        incoming.destroy();
        reject(refusedByProxy(proxy, status));
        return;
      }
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
      incoming.on("end", () => resolve({ status, headers: received, body: parts.join("") }));
    });
    const isTunnelled = route.createConnection !== undefined;
    outgoing.on("error", (error) =>
      reject(proxy === undefined || isTunnelled ? error : unreachableProxy(proxy, error)),
    );
    outgoing.end(body);
  });
}
