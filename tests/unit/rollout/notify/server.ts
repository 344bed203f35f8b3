import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as a server took it. */
export interface Taken {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: any;
}

/** How a server answers: a status, and what it says; or never. */
export type Answering = (taken: Taken, index: number) => { status: number; body?: unknown } | "never";

/** A server of HTTP on this machine that keeps what it is sent. */
export async function listen(answering: Answering): Promise<{ url: string; taken: Taken[]; close(): Promise<void> }> {
  const taken: Taken[] = [];
  const server = createServer((incoming, outgoing) => {
    const parts: Buffer[] = [];
    incoming.on("data", (part: Buffer) => parts.push(part));
    incoming.on("end", () => {
      const text = Buffer.concat(parts).toString();
      const request = {
        method: incoming.method ?? "",
        path: incoming.url ?? "",
        headers: incoming.headers,
        body: text === "" ? undefined : JSON.parse(text),
      };
      taken.push(request);
      const answer = answering(request, taken.length - 1);
      if (answer !== "never") {
        outgoing
          .writeHead(answer.status, { "content-type": "application/json" })
          .end(JSON.stringify(answer.body ?? {}));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
