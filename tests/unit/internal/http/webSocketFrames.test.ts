import assert from "node:assert/strict";
import { clientFrame, Opcode, ServerMessages } from "../../../../src/internal/http/webSocketFrames";
import { serverFrame, unmasked } from "../kubernetes/portForwards";

const bytesOf = (length: number) => Buffer.alloc(length, 0).map((_, index) => index % 251);

describe("frames of WebSockets", () => {
  for (const length of [0, 1, 125, 126, 65_535, 65_536, 100_000]) {
    it(`carry ${length} bytes there, masked, and back`, () => {
      const payload = Buffer.from(bytesOf(length));
      const frame = clientFrame(Opcode.Binary, payload);
      assert.equal(frame[1] & 0x80, 0x80, "a client's frames are masked");
      const { opcode, payload: received, size } = unmasked(frame) ?? assert.fail("it is not complete");
      assert.deepEqual([opcode, size, received.equals(payload)], [2, frame.length, true]);
      const [message, ...others] = new ServerMessages().take(serverFrame(2, payload));
      assert.deepEqual([message.opcode, message.payload.equals(payload), others], [2, true, []]);
    });
  }

  it("are put together from whatever pieces they come in, with others between them", () => {
    const sent = Buffer.concat([
      serverFrame(2, Buffer.from("one "), false),
      serverFrame(9, Buffer.from("there?")),
      serverFrame(0, Buffer.from("message"), false),
      serverFrame(0, Buffer.from("!")),
      serverFrame(1, Buffer.from("another")),
      serverFrame(8, Buffer.alloc(0)),
    ]);
    for (const size of [1, 2, 3, 7, sent.length]) {
      const messages = new ServerMessages();
      const got = [];
      for (let from = 0; from < sent.length; from += size) {
        got.push(...messages.take(sent.subarray(from, from + size)));
      }
      assert.deepEqual(
        got.map(({ opcode, payload }) => [opcode, payload.toString()]),
        [
          [9, "there?"],
          [2, "one message!"],
          [1, "another"],
          [8, ""],
        ],
        `in pieces of ${size}`,
      );
    }
  });

  const wrong: [what: string, bytes: Buffer, error: RegExp][] = [
    ["masked", clientFrame(Opcode.Binary, Buffer.from("x")), /masked/],
    ["with reserved bits", Buffer.of(0xc2, 0), /reserved/],
    ["that go on with nothing", serverFrame(0, Buffer.from("x")), /opcode 0/],
    [
      "that begin within another",
      Buffer.concat([serverFrame(2, Buffer.from("x"), false), serverFrame(2, Buffer.from("y"))]),
      /opcode 2/,
    ],
    ["of no kind that there is", serverFrame(3, Buffer.from("x")), /opcode 3/],
    ["too long", Buffer.from([0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0]), /more than 64 MB/],
  ];
  for (const [what, bytes, error] of wrong) {
    it(`are refused if they are ${what}`, () => assert.throws(() => new ServerMessages().take(bytes), error));
  }
});
