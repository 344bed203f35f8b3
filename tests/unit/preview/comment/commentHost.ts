import { type IncomingMessage, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** The token that the hosts take. */
export const TOKEN = "t0ken-that-nobody-sees";

/** As much of the two hosts' comments as is called: pages, and the token is asked for. */
export class CommentHost {
  readonly comments: { id: number; body: string }[] = [];
  readonly calls: string[] = [];
  /** Statuses in place of the next answers; `lost` ones come after the call has been carried out. */
  troubles: { status: number; lost?: boolean }[] = [];
  private server!: Server;

  async start(): Promise<string> {
    this.server = createServer(async (request, answer) => {
      const url = new URL(request.url as string, "http://host");
      this.calls.push(`${request.method} ${url.pathname}`);
      if (request.headers.authorization !== `Bearer ${TOKEN}` && request.headers["private-token"] !== TOKEN) {
        answer.writeHead(401).end('{"message":"Bad credentials"}');
        return;
      }
      const trouble = this.troubles.shift();
      const respond = (value: unknown) =>
        answer.writeHead(trouble?.status ?? 200, { "content-type": "application/json" }).end(JSON.stringify(value));
      if (trouble !== undefined && trouble.lost !== true) {
        respond({ message: "Unicorn" });
        return;
      }
      if (request.method === "GET") {
        const [size, page] = ["per_page", "page"].map((name) => Number(url.searchParams.get(name)));
        respond(this.comments.slice((page - 1) * size, page * size));
        return;
      }
      const { body } = JSON.parse(await textOf(request)) as { body: string };
      const id = Number(url.pathname.split("/").at(-1));
      const there = this.comments.find((comment) => comment.id === id);
      if (there === undefined) {
        this.comments.push({ id: this.comments.length + 1000, body });
      } else {
        there.body = body;
      }
      respond({});
    });
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request) {
    text += part;
  }
  return text;
}
