import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import type { Duplex } from "node:stream";

/** How a server answered who asked for WebSocket. */
export interface Handshake {
  status: number;
  /** Which version answered, by the header `x-version`. */
  version?: string;
  /** The connection; missing where it was refused. */
  socket?: WebSocketConnection;
}

/** Asks for WebSocket, as browsers do. */
export async function openWebSocket(url: string): Promise<Handshake> {
  const headers = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": randomBytes(16).toString("base64"),
  };
  const asking = request(url, { headers, agent: false, timeout: 10_000 });
  asking.on("timeout", () => asking.destroy(new Error(`${url} did not answer within 10 s`)));
  const answer = new Promise<Handshake>((resolve, reject) => {
    asking.on("error", reject);
    asking.on("upgrade", ({ statusCode = 0, headers: { "x-version": version } }, socket) =>
      resolve({ status: statusCode, version: [version].flat()[0], socket: new WebSocketConnection(socket) }),
    );
    asking.on("response", (refusal) => {
      refusal.resume();
      resolve({ status: refusal.statusCode ?? 0, version: [refusal.headers["x-version"]].flat()[0] });
    });
  });
  asking.end();
  return answer;
}

/** A connection that speaks WebSocket with a server that echoes: short texts alone. */
export class WebSocketConnection {
  private heard = Buffer.alloc(0);

  constructor(private readonly socket: Duplex) {
    socket.on("data", (chunk: Buffer) => (this.heard = Buffer.concat([this.heard, chunk])));
    socket.on("error", () => undefined); // a connection that is reset has nothing more to say
  }

  /** Sends a text of less than 126 bytes, and asserts that the same comes back. */
  async assertEchoes(text: string): Promise<void> {
    const frame = Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]);
    this.send(0x81, Buffer.from(text));
    while (this.heard.length < frame.length) {
      await once(this.socket, "data", { signal: AbortSignal.timeout(10_000) });
    }
    assert.deepEqual(this.heard.subarray(0, frame.length), frame);
    this.heard = this.heard.subarray(frame.length);
  }

  /** Closes it, and waits until the server has, too. */
  async close(): Promise<void> {
    const closed = this.socket.closed ? undefined : once(this.socket, "close", { signal: AbortSignal.timeout(10_000) });
    this.send(0x88, Buffer.alloc(0));
    this.socket.resume();
    await closed;
  }

  private send(first: number, payload: Buffer): void {
    const mask = randomBytes(4);
    const masked = payload.map((byte, index) => byte ^ mask[index % 4]);
    this.socket.write(Buffer.concat([Buffer.from([first, 0x80 | payload.length]), mask, masked]));
  }
}
