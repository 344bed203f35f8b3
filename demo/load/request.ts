import { type Agent, request } from "node:http";

/** One request as a client saw it. */
export interface Answer {
  /** When it was sent, in milliseconds of `performance.now()`. */
  sentAt: number;
  /** When its response was complete, or given up. */
  doneAt: number;
  /** The HTTP status; 0 if there was no response. */
  status: number;
  /** Which version answered, by the header `x-version`; undefined if there is none. */
  version?: string;
  /** Which pod answered, by the field `pod` of a JSON body; undefined if there is none. */
  pod?: string;
  /** Why there was no response. */
  error?: string;
}

/** The time limit after which a request counts as failed, in milliseconds. */
export const ANSWER_TIMEOUT_MS = 10_000;

/** How much of a body is read, in characters. */
const LONGEST_BODY = 10_000;

/** Whether the user of the app got what they requested. */
export function succeeded({ status }: Answer): boolean {
  return status >= 200 && status < 400;
}

/** Sends one GET request. It never throws: errors are part of the result. */
export function send(url: string, agent: Agent, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const sentAt = performance.now();
  return new Promise((resolve) => {
    const answer = (rest: Omit<Answer, "sentAt" | "doneAt">) => resolve({ sentAt, doneAt: performance.now(), ...rest });
    const outgoing = request(url, { agent, headers, timeout: ANSWER_TIMEOUT_MS }, (incoming) => {
      const { statusCode = 0, headers: received } = incoming;
      const version = [received["x-version"]].flat()[0];
      const isJson = received["content-type"]?.startsWith("application/json") ?? false;
      let body = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk: string) => {
        body += isJson && body.length < LONGEST_BODY ? chunk : "";
      });
      incoming.on("error", (error) => answer({ status: 0, error: error.message }));
      incoming.on("end", () => answer({ status: statusCode, version, pod: podOf(body) }));
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer within ${ANSWER_TIMEOUT_MS / 1000} s`)));
    outgoing.on("error", (error) => answer({ status: 0, error: error.message }));
    outgoing.end();
  });
}

function podOf(body: string): string | undefined {
  try {
    const pod = body === "" ? undefined : (JSON.parse(body) as { pod?: unknown } | null)?.pod;
    return typeof pod === "string" ? pod : undefined;
  } catch {
    return undefined;
  }
}
