import assert from "node:assert/strict";
import type { RetryPolicy } from "../../../../src/internal/http/retryPolicy";
import {
  NoAnswerError,
  type SendOptions,
  sendUnlessDone,
  sendWithRetry,
} from "../../../../src/internal/http/sendWithRetry";
import { type Listening, bodyOf, listening } from "./listening";

/** What the server does with a request. */
type Behaviour = number | [status: number, headers: Record<string, string>] | "hangUp" | "cutOff" | "none";

describe("a request that is sent with retries", () => {
  let server: Listening;
  let received: string[];
  let behaviours: Behaviour[];
  /** A time of the test's own, which passes by sleeping alone. */
  let now: number;
  let slept: number[];

  beforeEach(async () => {
    received = [];
    behaviours = [];
    now = Date.parse("2026-03-01T12:00:00Z");
    slept = [];
    server = await listening(async (request, response) => {
      received.push(`${request.method} ${request.url} ${await bodyOf(request)}`.trim());
      const behaviour = behaviours.shift() ?? 200;
      if (behaviour === "hangUp") {
        request.socket.destroy();
      } else if (behaviour === "cutOff") {
        response.writeHead(200, { "content-length": "100" });
        response.write("half", () => request.socket.destroy());
      } else if (behaviour !== "none") {
        const [status, headers] = typeof behaviour === "number" ? [behaviour, {}] : behaviour;
        response.writeHead(status, headers).end(`said ${status}`);
      }
    });
  });
  afterEach(() => server.close());

  const options = (more: SendOptions = {}): SendOptions => ({
    env: {},
    now: () => now,
    random: () => 1,
    async sleep(milliseconds) {
      slept.push(milliseconds);
      now += milliseconds;
    },
    ...more,
  });
  const send = (policy: Partial<RetryPolicy> = {}, more: SendOptions = {}, method = "GET") =>
    sendWithRetry(
      { url: new URL(`${server.url}/s3cr3t?q`), method, ...(method === "POST" ? { body: "x" } : {}) },
      { retries: 3, ...policy },
      options(more),
    );

  it("is answered at once, and sent once, in the usual case", async () => {
    const { status, body } = await send();
    assert.deepEqual([status, body, received, slept], [200, "said 200", ["GET /s3cr3t?q"], []]);
  });

  it("is sent again, whole, until there is an answer that counts", async () => {
    behaviours = [503, "hangUp", "cutOff", 204];
    const { status } = await send({}, {}, "POST");
    assert.equal(status, 204);
    assert.deepEqual(received, Array(4).fill("POST /s3cr3t?q x"));
    assert.deepEqual(slept, [500, 1000, 2000]);
  });

  it("gives the last answer when the retries are used up, and none that is final a second time", async () => {
    behaviours = [503, 502, 429, 504, 200];
    assert.equal((await send()).status, 504);
    assert.equal(received.length, 4);
    behaviours = [404, 200];
    assert.equal((await send()).status, 404);
    behaviours = [500, 200];
    assert.equal((await send({}, {}, "POST")).status, 500);
    behaviours = [500, 200];
    assert.equal((await send()).status, 200);
  });

  it("fails with what happened to the last attempt, and shows the host at the most", async () => {
    behaviours = ["hangUp", "hangUp"];
    await assert.rejects(
      send({ retries: 1 }),
      (error: NoAnswerError) =>
        error instanceof NoAnswerError &&
        error.attempts === 2 &&
        !error.timedOut &&
        /socket hang up/.test(error.message) &&
        !`${error.stack}`.includes("s3cr3t"),
    );
    await server.close();
    await assert.rejects(send({ retries: 0 }), /ECONNREFUSED/);
    server = await listening(() => undefined);
  });

  it("waits as long as Retry-After asks for, and does not wait where that is too long", async () => {
    behaviours = [
      [429, { "retry-after": "7" }],
      [503, { "retry-after": "Sun, 01 Mar 2026 12:00:20 GMT" }],
    ];
    assert.equal((await send()).status, 200);
    assert.deepEqual(slept, [7_000, 13_000]);
    behaviours = [[429, { "retry-after": "3600" }]];
    assert.equal((await send()).status, 429);
    assert.equal(slept.length, 2);
  });

  it("is not sent again when its deadline would be over by then", async () => {
    behaviours = [503, 503, 503, 503];
    assert.equal((await send({ deadlineMs: 1_600 })).status, 503);
    assert.deepEqual([received.length, slept], [3, [500, 1000]]);
    behaviours = ["hangUp", 200];
    await assert.rejects(send({ deadlineMs: 400 }), /socket hang up/);
  });

  it("is given up when its deadline is over, and when an attempt takes too long, which is repeated", async () => {
    behaviours = ["none"];
    await assert.rejects(
      send({ deadlineMs: 100 }),
      (error: NoAnswerError) => error.timedOut && error.message === "there was no answer within 0.1 s",
    );
    assert.equal(received.length, 1);
    behaviours = ["none", 200];
    assert.equal((await send({ attemptTimeoutMs: 100 })).status, 200);
    assert.equal(received.length, 3);
  });

  it("ends with the signal's reason: before it is sent, while it is, and in a pause", async () => {
    const stop = new AbortController();
    stop.abort(new Error("enough"));
    await assert.rejects(send({}, { signal: stop.signal }), /^Error: enough$/);
    assert.equal(received.length, 0);

    const stopWhileSent = new AbortController();
    behaviours = ["none"];
    const sent = send({}, { signal: stopWhileSent.signal });
    while (received.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    stopWhileSent.abort(new Error("enough"));
    await assert.rejects(sent, /^Error: enough$/);
    assert.equal(received.length, 1);

    const stopInPause = new AbortController();
    behaviours = [503];
    const paused = send(
      { firstPauseMs: 60_000, longestPauseMs: 60_000 },
      { signal: stopInPause.signal, sleep: undefined },
    );
    while (received.length < 2) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    setTimeout(() => stopInPause.abort(new Error("enough")), 50);
    await assert.rejects(paused, /^Error: enough$/);
    assert.equal(received.length, 2);
  });

  it("leaves no listener on a signal that lives on", async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...given: Parameters<typeof add>) => (listeners++, add(...given));
    signal.removeEventListener = (...given: Parameters<typeof remove>) => (listeners--, remove(...given));
    behaviours = [503, "hangUp", 200];
    await send({}, { signal });
    assert.equal(listeners, 0);
  });

  describe("and must not be carried out twice", () => {
    const add = (findResult: () => Promise<string | undefined>) =>
      sendUnlessDone(
        { url: new URL(`${server.url}/add`), method: "POST", body: "x" },
        { retries: 3 },
        findResult,
        options(),
      );

    it("is sent again only while nothing is found", async () => {
      let looked = 0;
      behaviours = [502, 503, 502];
      const found = await add(async () => (++looked === 2 ? "it is there" : undefined));
      assert.deepEqual([found, looked, received.length], [{ found: "it is there" }, 2, 2]);
    });

    it("is not looked for where it is answered", async () => {
      const sent = await add(() => assert.fail("it was looked for"));
      assert.ok("status" in sent && sent.status === 200);
    });

    it("is not sent again if it cannot be told whether it was carried out", async () => {
      behaviours = ["hangUp"];
      await assert.rejects(
        add(() => Promise.reject(new Error("no list"))),
        /no list/,
      );
      assert.equal(received.length, 1);
    });
  });
});
