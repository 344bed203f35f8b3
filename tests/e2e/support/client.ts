import { type IncomingHttpHeaders, request } from "node:http";

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
        resolve({ status, headers: received, version, body: Buffer.concat(parts).toString(), milliseconds: performance.now() - began });
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
