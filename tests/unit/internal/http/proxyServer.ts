import { type IncomingHttpHeaders, createServer, request } from "node:http";
import { type AddressInfo, type Socket, connect } from "node:net";

/** What a proxy was asked for. */
export interface AskedFor {
  method: string;
  /** `host:port` of CONNECT, else the whole URL. */
  target: string;
  headers: IncomingHttpHeaders;
}

/** An HTTP proxy that the test process itself is; every host's name stands for this machine there. */
export class ProxyServer {
  readonly asked: AskedFor[] = [];
  /** Statuses that it answers itself, in order, in place of passing requests on. */
  refusals: (number | "hangUp" | "none")[] = [];
  /** The port on this machine that every tunnel leads to. @default the one that is asked for */
  port: number | undefined;
  private readonly server = createServer();
  private readonly sockets = new Set<Socket>();

  /** @param credentials `user:password`, without which it answers 407. */
  constructor(private readonly credentials?: string) {
    this.server.on("connection", (socket: Socket) => this.keep(socket));
    this.server.on("connect", ({ url = "", headers }, socket: Socket, head: Buffer) => {
      const refusal = this.take("CONNECT", url, headers);
      if (refusal === "none") {
        // It would stay open by itself when the other end leaves.
        socket.resume().on("end", () => socket.end());
        return;
      }
      if (refusal === "hangUp") {
        socket.destroy();
        return;
      }
      if (refusal !== undefined) {
        socket.end(`HTTP/1.1 ${refusal} No\r\ncontent-length: 0\r\n\r\n`);
        return;
      }
      const tunnel = this.keep(connect(this.port ?? Number(url.replace(/.*:/, "")), "127.0.0.1"));
      tunnel.on("connect", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        tunnel.write(head);
        tunnel.pipe(socket).pipe(tunnel);
      });
    });
    this.server.on("request", (incoming, outgoing) => {
      const { method = "", url = "", headers } = incoming;
      const refusal = this.take(method, url, headers);
      if (refusal === "none") {
        return;
      }
      if (refusal === "hangUp") {
        incoming.socket.destroy();
        return;
      }
      if (refusal !== undefined) {
        outgoing.writeHead(refusal).end();
        return;
      }
      const { pathname, search, port } = new URL(url);
      const { "proxy-authorization": _, ...passedOn } = headers;
      const options = {
        host: "127.0.0.1",
        port: this.port ?? port,
        method,
        path: pathname + search,
        headers: passedOn,
      };
      incoming.pipe(
        request(options, (answer) => answer.pipe(outgoing.writeHead(answer.statusCode ?? 0, answer.headers))),
      );
    });
  }

  /** Its `host:port`. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.sockets.forEach((socket) => socket.destroy());
    await closed;
  }

  /** How many connections are open: from clients, and to targets. */
  get open(): number {
    return this.sockets.size;
  }

  private take(method: string, target: string, headers: IncomingHttpHeaders): number | "hangUp" | "none" | undefined {
    this.asked.push({ method, target, headers });
    const expected = this.credentials && `Basic ${Buffer.from(this.credentials).toString("base64")}`;
    return expected && headers["proxy-authorization"] !== expected ? 407 : this.refusals.shift();
  }

  private keep(socket: Socket): Socket {
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket)).on("error", () => undefined);
    return socket;
  }
}
