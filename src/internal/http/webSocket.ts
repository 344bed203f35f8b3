import { createHash, randomBytes } from "node:crypto";
import type { Agent, OutgoingHttpHeaders } from "node:http";
import { Duplex } from "node:stream";
import { sharedByMany } from "../abortSignals";
import { senderFor } from "./connection";
import type { HttpResponse } from "./request";
import { Opcode, ServerMessages, clientFrame } from "./webSocketFrames";

/** What a WebSocket is asked for with. */
export interface WebSocketRequest {
  /** By http or https. */
  url: URL;
  headers: OutgoingHttpHeaders;
  agent: Agent;
  /** What is spoken on it; the server has to agree. */
  protocol: string;
}

/** RFC 6455, 1.3: what the server has to put behind the key to show that it has understood. */
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The longest refusal that is read, in characters. */
const LONGEST_REFUSAL = 64 * 1024;

/**
 * Opens a WebSocket; gives the server's answer where it opens none. Rejects if there is no answer, if the server does
 * not speak the protocol, or the signal says stop.
 */
export function openWebSocket(
  { url, headers, agent, protocol }: WebSocketRequest,
  signal: AbortSignal,
): Promise<WebSocketStream | HttpResponse> {
  const key = randomBytes(16).toString("base64");
  return new Promise((resolve, reject) => {
    const outgoing = senderFor(url.protocol)(url, {
      agent,
      headers: {
        ...headers,
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-key": key,
        "sec-websocket-protocol": protocol,
        "sec-websocket-version": "13",
      },
      signal: sharedByMany(signal),
    });
    outgoing.on("upgrade", ({ headers: received }, socket, head) => {
      const isUnderstood =
        received["sec-websocket-accept"] === acceptOf(key) && received["sec-websocket-protocol"] === protocol;
      if (!isUnderstood || signal.aborted) {
        socket.destroy();
        reject(new Error(`the server opened a connection that is not a WebSocket of ${protocol}`));
        return;
      }
      resolve(new WebSocketStream(socket, head));
    });
    outgoing.on("response", (incoming) => {
      let body = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (part: string) => (body += body.length < LONGEST_REFUSAL ? part : ""));
      incoming.on("error", reject);
      incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body }));
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

/** The messages of a WebSocket: one for each buffer that is read from it or written to it. */
export class WebSocketStream extends Duplex {
  private readonly messages = new ServerMessages();
  private hasEnded = false;

  constructor(
    private readonly socket: Duplex,
    head: Buffer,
  ) {
    super({ objectMode: true, allowHalfOpen: false });
    socket.on("data", (bytes: Buffer) => this.hear(bytes));
    socket.on("error", (error) => this.destroy(error));
    ["end", "close"].forEach((event) => socket.on(event, () => this.endReading()));
    if (head.length > 0) {
      this.hear(head);
    }
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(message: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.socket.write(clientFrame(Opcode.Binary, message), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.socket.end(clientFrame(Opcode.Close, Buffer.alloc(0)), () => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.socket.destroy();
    done(error);
  }

  /** What has come before can still be read. */
  private endReading(): void {
    if (!this.hasEnded) {
      this.hasEnded = true;
      this.push(null);
    }
  }

  private hear(bytes: Buffer): void {
    try {
      for (const { opcode, payload } of this.messages.take(bytes)) {
        if (opcode === Opcode.Ping) {
          this.socket.write(clientFrame(Opcode.Pong, payload));
        } else if (opcode === Opcode.Close) {
          this.endReading();
        } else if (opcode !== Opcode.Pong && !this.push(payload)) {
          this.socket.pause();
        }
      }
    } catch (error) {
      this.destroy(error as Error);
    }
  }
}

function acceptOf(key: string): string {
  return createHash("sha1")
    .update(key + ACCEPT_SUFFIX)
    .digest("base64");
}
