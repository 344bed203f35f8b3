import { createHash } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";

/** What becomes of a wish to be connected with a pod's port. */
export type Forward =
  /** It is connected with this port of this machine. */
  | { to: number }
  /** The API server refuses it. */
  | { status: number; message: string }
  /** The kubelet opens the connection, and then says this of the pod's port. */
  | { fails: string };

/** Which port of which pod is asked for, and how. */
export interface AskedForward {
  path: string;
  namespace: string;
  pod: string;
  port: number;
  request: IncomingMessage;
}

const PROTOCOL = "v4.channel.k8s.io";
const PATH = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/portforward\?ports=(\d+)$/;

/**
 * Has a server of HTTP take `pods/portforward` by WebSocket, as an API server with kubelets behind it does: with two
 * channels, each of which begins with the port's number, and in as small pieces as a network may make of it.
 */
export function takePortForwards(server: Server, decide: (asked: AskedForward) => Forward): void {
  server.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
    socket.on("error", () => undefined).resume();
    const [path, namespace, pod, port] = PATH.exec(request.url ?? "") ?? [];
    const { upgrade, "sec-websocket-key": key = "", "sec-websocket-protocol": protocol } = request.headers;
    if (path === undefined || upgrade !== "websocket" || protocol !== PROTOCOL) {
      socket.end("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    const forward = decide({ path, namespace, pod, port: Number(port), request });
    if ("status" in forward) {
      const body = JSON.stringify({ kind: "Status", message: forward.message });
      socket.end(
        `HTTP/1.1 ${forward.status} Refused\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
      return;
    }
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\nsec-websocket-protocol: ${PROTOCOL}\r\n\r\n`,
    );
    const number = Buffer.alloc(2);
    number.writeUInt16LE(Number(port));
    const send = (channel: number, bytes: Buffer) => {
      // A ping in between, and every message in two frames.
      const message = Buffer.concat([Buffer.of(channel), bytes]);
      const half = Math.ceil(message.length / 2);
      socket.write(serverFrame(2, message.subarray(0, half), false));
      socket.write(serverFrame(9, Buffer.from("there?")));
      socket.write(serverFrame(0, message.subarray(half)));
    };
    [0, 1].forEach((channel) => send(channel, number));
    if ("fails" in forward) {
      send(1, Buffer.from(forward.fails));
      socket.end(serverFrame(8, Buffer.alloc(0)));
      return;
    }
    const target = connect(forward.to, "127.0.0.1");
    target.on("data", (bytes: Buffer) => send(0, bytes));
    target.on("close", () => socket.end(serverFrame(8, Buffer.alloc(0))));
    target.on("error", () => socket.destroy());
    socket.on("close", () => target.destroy());
    let rest = Buffer.alloc(0);
    socket.on("data", (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      for (let frame = unmasked(rest); frame !== undefined; frame = unmasked(rest)) {
        rest = rest.subarray(frame.size);
        if (frame.opcode === 2 && frame.payload[0] === 0) {
          target.write(frame.payload.subarray(1));
        }
      }
    });
  });
}

/** A frame as a server sends it. */
export function serverFrame(opcode: number, payload: Buffer, isFinal = true): Buffer {
  const { length } = payload;
  const head = length < 126 ? Buffer.alloc(2) : length <= 0xffff ? Buffer.alloc(4) : Buffer.alloc(10);
  head[0] = (isFinal ? 0x80 : 0) | opcode;
  if (head.length === 2) {
    head[1] = length;
  } else if (head.length === 4) {
    head[1] = 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}

/** The frame of a client at the start of some bytes; undefined if it is not complete. */
export function unmasked(bytes: Buffer): { opcode: number; payload: Buffer; size: number } | undefined {
  if (bytes.length < 2) {
    return undefined;
  }
  const short = bytes[1] & 0x7f;
  const keyAt = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < keyAt + 4) {
    return undefined;
  }
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  const size = keyAt + 4 + length;
  if (bytes.length < size) {
    return undefined;
  }
  const key = bytes.subarray(keyAt, keyAt + 4);
  const payload = Buffer.from(bytes.subarray(keyAt + 4, size)).map((byte, index) => byte ^ key[index % 4]);
  return { opcode: bytes[0] & 0x0f, payload: Buffer.from(payload), size };
}
