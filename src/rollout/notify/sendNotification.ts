import { errorMessage } from "../../internal/http/errorMessage";
import type { HttpRequest, HttpResponse } from "../../internal/http/request";
import type { RetryPolicy } from "../../internal/http/retryPolicy";
import { NoAnswerError, sendUnlessDone, sendWithRetry, type Sleep } from "../../internal/http/sendWithRetry";

/** How the requests of a notification are sent. */
export interface Sending {
  policy: RetryPolicy;
  /** @default real time */
  sleep?: Sleep;
  /** Aborted when the run has ended and nothing more is waited for. */
  signal: AbortSignal;
}

/**
 * Sends one request of a notification.
 *
 * @returns The answer, which is 2xx.
 * @throws Error that names the host and no more of the URL, which can be a secret.
 */
export async function sendNotification(request: HttpRequest, { policy, ...options }: Sending): Promise<HttpResponse> {
  const { host } = request.url;
  return accepted(host, await answered(host, options.signal, () => sendWithRetry(request, policy, options)));
}

/**
 * As {@link sendNotification}, for what must not be made twice.
 *
 * @param findResult As of {@link sendUnlessDone}.
 */
export async function sendNotificationUnlessDone<Found>(
  request: HttpRequest,
  { policy, ...options }: Sending,
  findResult: () => Promise<Found | undefined>,
): Promise<HttpResponse | { found: Found }> {
  const { host } = request.url;
  const sent = await answered(host, options.signal, () => sendUnlessDone(request, policy, findResult, options));
  return "found" in sent ? sent : accepted(host, sent);
}

async function answered<T>(host: string, signal: AbortSignal, send: () => Promise<T>): Promise<T> {
  if (signal.aborted) {
    throw new Error(`${host} was not contacted: the run has ended`);
  }
  return send().catch((error) => {
    if (signal.aborted) {
      throw new Error(`no response from ${host} (the run has ended)`);
    }
    throw error instanceof NoAnswerError ? new Error(`no response from ${host} (${errorMessage(error)})`) : error;
  });
}

function accepted(host: string, answer: HttpResponse): HttpResponse {
  if (answer.status < 200 || answer.status > 299) {
    throw new Error(`${host} answered ${answer.status}`);
  }
  return answer;
}
