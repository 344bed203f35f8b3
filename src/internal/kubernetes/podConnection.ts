import { Duplex } from "node:stream";
import type { WebSocketStream } from "../http/webSocket";

/** The protocol of `pods/portforward` on WebSockets: each message begins with the number of its channel. */
export const PORT_FORWARD_PROTOCOL = "v4.channel.k8s.io";

/** The channels of the one port that is asked for. */
const Channel = { Data: 0, Error: 1 } as const;

/** Each channel begins with the port's number, in so many bytes. */
const PORT_LENGTH = 2;

/** A connection to a port of a pod, by a WebSocket that the API server has opened to its node. */
export class PodConnection extends Duplex {
  /** How many bytes of the port's number are still to come, by channel. */
  private readonly announced = { [Channel.Data]: PORT_LENGTH, [Channel.Error]: PORT_LENGTH };

  constructor(private readonly webSocket: WebSocketStream) {
    super({ allowHalfOpen: false });
    webSocket.on("data", (message: Buffer) => this.hear(message));
    webSocket.on("end", () => this.push(null));
    webSocket.on("error", (error) => this.destroy(error));
  }

  override _read(): void {
    this.webSocket.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.webSocket.write(Buffer.concat([Buffer.of(Channel.Data), bytes]), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    // The protocol has no way to say that only one direction has ended.
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.webSocket.destroy();
    done(error);
  }

  private hear(message: Buffer): void {
    const channel = message[0];
    if (channel !== Channel.Data && channel !== Channel.Error) {
      return;
    }
    const isPort = Math.min(this.announced[channel], message.length - 1);
    this.announced[channel] -= isPort;
    const bytes = message.subarray(1 + isPort);
    if (bytes.length === 0) {
      return;
    }
    if (channel === Channel.Error) {
      this.destroy(new Error(bytes.toString().trim()));
    } else if (!this.push(bytes)) {
      this.webSocket.pause();
    }
  }
}
