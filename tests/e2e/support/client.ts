import { type IncomingHttpHeaders, request } from "node:http";
import { type IncomingHttpHeaders as Http2Headers, connect } from "node:http2";
import { type RequestOptions, get } from "node:https";
import type { Answer } from "../../../demo/load/request";
import type { Certificate } from "./certificate";

/** An answer with all that a client sees of it. */
export interface FullAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Which version answered; undefined if the proxy did. */
  version?: string;
  /** The body's text. */
  body: string;
  /** From the request to the end of its answer. */
  milliseconds: number;
}

/** Sends one request; throws if there is no answer. */
export function ask(url: string, headers: Record<string, string> = {}, method = "GET"): Promise<FullAnswer> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { headers, method, timeout: 10_000 }, (incoming) => {
      const parts: Buffer[] = [];
      incoming.on("data", (part: Buffer) => parts.push(part));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const { statusCode: status = 0, headers: received } = incoming;
        const version = [received["x-version"]].flat()[0];
        resolve({
          status,
          headers: received,
          version,
          body: Buffer.concat(parts).toString(),
          milliseconds: performance.now() - began,
        });
      });
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error(`${url} did not answer within 10 s`)));
    outgoing.on("error", reject);
    outgoing.end();
  });
}

/** Sends so many, a few at a time. */
export async function askMany(count: number, url: string, headers: Record<string, string> = {}): Promise<FullAnswer[]> {
  const answers: FullAnswer[] = [];
  let left = count;
  const work = async () => {
    while (left-- > 0) {
      answers.push(await ask(url, headers));
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return answers;
}

/**
 * One request over a TLS connection of its own, to a host whose certificate is the only one that is trusted. It never
 * throws: whatever goes wrong is in the answer.
 */
export function askSecured(
  address: string,
  name: string,
  { cert: ca }: Certificate,
  options: RequestOptions = {},
): Promise<Answer> {
  return new Promise((resolve) => {
    const outgoing = get(
      { host: address, servername: name, headers: { host: name }, ca, agent: false, timeout: 10_000, ...options },
      (incoming) => {
        incoming.resume();
        const version = [incoming.headers["x-version"]].flat()[0];
        incoming.on("end", () => resolve({ sentAt: 0, doneAt: 0, status: incoming.statusCode ?? 0, version }));
      },
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer within 10 s")));
    outgoing.on("error", (error) => resolve({ sentAt: 0, doneAt: 0, status: 0, error: error.message }));
  });
}

/** An answer of HTTP/2. */
export interface Http2Answer {
  headers: Http2Headers;
  /** What came after the body; gRPC's status is there. */
  trailers: Http2Headers;
  body: Buffer;
}

/** Sends so many requests of HTTP/2 without TLS, one after the other over one connection. */
export async function askHttp2(
  count: number,
  address: string,
  headers: Record<string, string>,
  body = Buffer.alloc(0),
): Promise<Http2Answer[]> {
  const session = connect(`http://${address}`);
  const answers: Http2Answer[] = [];
  try {
    while (answers.length < count) {
      answers.push(
        await new Promise<Http2Answer>((resolve, reject) => {
          session.once("error", reject);
          const stream = session.request(headers, { endStream: body.length === 0 });
          const parts: Buffer[] = [];
          const answer: Http2Answer = { headers: {}, trailers: {}, body: Buffer.alloc(0) };
          stream.on("response", (received) => (answer.headers = received));
          stream.on("trailers", (received) => (answer.trailers = received));
          stream.on("data", (part: Buffer) => parts.push(part));
          stream.on("error", reject);
          stream.on("end", () => resolve({ ...answer, body: Buffer.concat(parts) }));
          stream.setTimeout(10_000, () => stream.destroy(new Error(`${address} did not answer within 10 s`)));
          stream.on("close", () => session.off("error", reject));
          if (body.length > 0) {
            stream.end(body);
          }
        }),
      );
    }
    return answers;
  } finally {
    session.close();
  }
}
