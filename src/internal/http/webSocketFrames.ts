import { randomBytes } from "node:crypto";

/** What a frame is for. */
export const Opcode = { Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 } as const;
export type Opcode = (typeof Opcode)[keyof typeof Opcode];

/** A whole message, or one of the frames by which the two sides tend their connection. */
export interface WebSocketMessage {
  opcode: Exclude<Opcode, 0>;
  payload: Buffer;
}

const FINAL = 0x80;
const RESERVED = 0x70;
const MASKED = 0x80;
/** Lengths of up to 125 stand in the second byte; these two say that 2 or 8 further bytes hold it. */
const LENGTH_IN_2 = 126;
const LENGTH_IN_8 = 127;
const KEY_LENGTH = 4;

/** The longest message that is taken in, in bytes: what is longer is an error, and not the process's memory. */
const LONGEST_MESSAGE = 64 * 1024 * 1024;

/** One frame as a client sends it: whole, and masked, as RFC 6455 demands of clients. */
export function clientFrame(opcode: Opcode, payload: Buffer): Buffer {
  const { length } = payload;
  const long = length > 0xffff ? 8 : length >= LENGTH_IN_2 ? 2 : 0;
  const frame = Buffer.alloc(2 + long + KEY_LENGTH + length);
  frame[0] = FINAL | opcode;
  frame[1] = MASKED | (long === 8 ? LENGTH_IN_8 : long === 2 ? LENGTH_IN_2 : length);
  if (long === 8) {
    frame.writeBigUInt64BE(BigInt(length), 2);
  } else if (long === 2) {
    frame.writeUInt16BE(length, 2);
  }
  const key = randomBytes(KEY_LENGTH);
  const start = 2 + long + KEY_LENGTH;
  key.copy(frame, 2 + long);
  for (let index = 0; index < length; index++) {
    frame[start + index] = payload[index] ^ key[index % KEY_LENGTH];
  }
  return frame;
}

/** Puts a server's messages together from its bytes, in whatever pieces these come. */
export class ServerMessages {
  private rest: Buffer = Buffer.alloc(0);
  /** The frames of a message that is not complete yet. */
  private parts: Buffer[] = [];
  private opcode: WebSocketMessage["opcode"] | undefined;

  /**
   * The messages that are complete with these bytes.
   *
   * @throws Error if they are not as RFC 6455 has them, or a message is too long
   */
  take(bytes: Buffer): WebSocketMessage[] {
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    const messages: WebSocketMessage[] = [];
    for (let frame = this.nextFrame(); frame !== undefined; frame = this.nextFrame()) {
      const message = this.withFrame(frame);
      if (message !== undefined) {
        messages.push(message);
      }
    }
    return messages;
  }

  private nextFrame(): { isFinal: boolean; opcode: number; payload: Buffer } | undefined {
    const { rest } = this;
    if (rest.length < 2) {
      return undefined;
    }
    if ((rest[0] & RESERVED) !== 0 || (rest[1] & MASKED) !== 0) {
      throw new Error("the server sent a WebSocket frame that is masked or has reserved bits set");
    }
    const short = rest[1];
    const start = 2 + (short === LENGTH_IN_8 ? 8 : short === LENGTH_IN_2 ? 2 : 0);
    if (rest.length < start) {
      return undefined;
    }
    const length = start === 10 ? Number(rest.readBigUInt64BE(2)) : start === 4 ? rest.readUInt16BE(2) : short;
    if (length + this.parts.reduce((sum, part) => sum + part.length, 0) > LONGEST_MESSAGE) {
      throw new Error(`the server sent a WebSocket message of more than ${LONGEST_MESSAGE / 1024 / 1024} MB`);
    }
    if (rest.length < start + length) {
      return undefined;
    }
    this.rest = rest.subarray(start + length);
    return {
      isFinal: (rest[0] & FINAL) !== 0,
      opcode: rest[0] & 0x0f,
      payload: rest.subarray(start, start + length),
    };
  }

  private withFrame({
    isFinal,
    opcode,
    payload,
  }: {
    isFinal: boolean;
    opcode: number;
    payload: Buffer;
  }): WebSocketMessage | undefined {
    if (opcode === Opcode.Close || opcode === Opcode.Ping || opcode === Opcode.Pong) {
      return { opcode, payload }; // may stand between the frames of a message
    }
    const isFirst = opcode === Opcode.Text || opcode === Opcode.Binary;
    if (isFirst ? this.opcode !== undefined : opcode !== Opcode.Continuation || this.opcode === undefined) {
      throw new Error(`the server sent a WebSocket frame with opcode ${opcode} where none such is allowed`);
    }
    if (isFirst) {
      this.opcode = opcode;
    }
    this.parts.push(payload);
    if (!isFinal) {
      return undefined;
    }
    const message = { opcode: this.opcode as WebSocketMessage["opcode"], payload: Buffer.concat(this.parts) };
    this.parts = [];
    this.opcode = undefined;
    return message;
  }
}
