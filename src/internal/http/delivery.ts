import { causeOf, exchange, type Incoming, type Outgoing } from "./exchange";

/** Waits; comes back early when the signal says stop. */
export type Sleep = (milliseconds: number, signal: AbortSignal) => Promise<void>;

/** How one request is made until it is answered. */
export interface Tries {
  retries: number;
  /** How long one try may take, in ms. */
  timeoutMs: number;
  sleep: Sleep;
}

const FIRST_PAUSE_MS = 500;

/**
 * Sends a request, and again where there was no answer, or one that says «not now».
 *
 * @returns The answer, which is 2xx.
 * @throws Error that names the host and no more of the address, which can be a secret.
 */
export async function delivered(
  outgoing: Outgoing & { body: string },
  { retries, timeoutMs, sleep }: Tries,
  signal: AbortSignal,
): Promise<Incoming> {
  let trouble = "";
  for (let tried = 0; tried <= retries && !signal.aborted; tried++) {
    if (tried > 0) {
      await sleep(FIRST_PAUSE_MS * 2 ** (tried - 1), signal);
    }
    try {
      const answer = await exchange(outgoing, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
      if (answer.status >= 200 && answer.status < 300) {
        return answer;
      }
      trouble = `answered ${answer.status}`;
      if (answer.status !== 429 && answer.status < 500) {
        break;
      }
    } catch (error) {
      trouble = `gave no answer (${signal.aborted ? "the run has ended" : withoutAddress(causeOf(error), outgoing.url)})`;
    }
  }
  throw new Error(`${outgoing.url.host} ${trouble || "was not asked: the run has ended"}`);
}

/** Errors of the network can quote what was asked for. */
function withoutAddress(text: string, url: URL): string {
  const secret = `${url.pathname}${url.search}`;
  return secret.length > 1 ? text.replaceAll(secret, "…") : text;
}
