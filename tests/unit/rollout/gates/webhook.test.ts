import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import type { Secrets } from "../../../../src/internal/http/secrets";
import type { Gate, GateDefinition } from "../../../../src/rollout/gates/gate";
import { makeGate } from "../../../../src/rollout/gates/kinds";
import type { MetricsSource } from "../../../../src/rollout/metrics/source";
import { type Listening, bodyOf, listening } from "../../internal/http/listening";
import { question } from "./question";

const never = new AbortController().signal;

describe("a webhook", () => {
  let server: Listening;
  let received: { method?: string; path?: string; headers: IncomingHttpHeaders; body: string }[];
  let statuses: (number | "none" | "hangUp")[];
  let retryAfter: string | undefined;

  beforeEach(async () => {
    received = [];
    statuses = [];
    retryAfter = undefined;
    server = await listening(async (request, response) => {
      received.push({
        method: request.method,
        path: request.url,
        headers: request.headers,
        body: await bodyOf(request),
      });
      const status = statuses.shift() ?? 200;
      if (status === "hangUp") {
        request.socket.destroy();
      } else if (status !== "none") {
        const more = retryAfter === undefined ? {} : { "retry-after": retryAfter };
        response.writeHead(status, { location: "/elsewhere", ...more }).end("whatever");
      }
    });
  });
  afterEach(() => server.close());

  const gateOf = (more: Partial<GateDefinition> = {}, secret?: Secrets): Gate =>
    makeGate(
      { name: "hook", kind: "webhook", url: `${server.url}/check?key=hunter2`, ...more },
      { metrics: undefined as unknown as MetricsSource, approval: () => undefined, secret },
    );

  it("is sent what the run is about, as JSON", async () => {
    const result = await gateOf({ headers: { "x-from": "canary" } }).ask(question({ since: 1_700_000_000_000 }), never);
    assert.deepEqual(
      [result.verdict, result.reason, result.metrics],
      ["passed", `${server.url} answered 200`, { status: 200 }],
    );
    const [{ method, path, headers, body }] = received;
    assert.deepEqual(
      [method, path, headers["content-type"], headers["x-from"]],
      ["POST", "/check?key=hunter2", "application/json", "canary"],
    );
    assert.deepEqual(JSON.parse(body), {
      gate: "hook",
      phase: "hold",
      run: "run-1",
      app: "shop",
      namespace: "shop",
      target: "v2",
      step: 1,
      weights: { v1: 80, v2: 20 },
      since: "2023-11-14T22:13:20.000Z",
    });
  });

  for (const [status, verdict] of [
    [200, "passed"],
    [204, "passed"],
    [299, "passed"],
    [301, "failed"],
    [400, "failed"],
    [403, "failed"],
    [500, "failed"],
  ] as const) {
    it(`that answers ${status} has ${verdict}, at once`, async () => {
      statuses = [status];
      const result = await gateOf().ask(question(), never);
      assert.equal(result.verdict, verdict);
      assert.equal(received.length, 1);
    });
  }

  it("is tried again where there may be an answer in a moment", async () => {
    statuses = [503, "hangUp", 200];
    assert.equal((await gateOf().ask(question(), never)).verdict, "passed");
    assert.equal(received.length, 3);
  });

  it("has failed where the last try is answered, too, and is inconclusive where none is", async () => {
    statuses = [503, 503];
    assert.equal((await gateOf({ retries: 1 }).ask(question(), never)).verdict, "failed");
    statuses = ["hangUp", "hangUp"];
    const { verdict, reason } = await gateOf({ retries: 1 }).ask(question(), never);
    assert.equal(verdict, "inconclusive");
    assert.match(reason, /no response from .* in 2 tries: /);
    assert.equal(received.length, 4);
  });

  it("that asks for a longer pause than its timeout has failed at once, and is waited for otherwise", async () => {
    retryAfter = "2";
    statuses = [429];
    const asked = Date.now();
    assert.equal(
      (await gateOf({ timeoutSeconds: 1 }).ask(question(), never)).reason,
      `${server.url} answered 429; need 2xx`,
    );
    assert.ok(Date.now() - asked < 900);
    retryAfter = "1";
    statuses = [429];
    assert.equal((await gateOf({ timeoutSeconds: 10 }).ask(question(), never)).verdict, "passed");
    assert.ok(Date.now() - asked >= 1000);
  });

  it("that cannot be reached decides nothing", async () => {
    await server.close();
    const { verdict, reason } = await gateOf({ retries: 0 }).ask(question(), never);
    assert.equal(verdict, "inconclusive");
    assert.match(reason, /ECONNREFUSED/);
    server = await listening(() => undefined);
  });

  it("that does not answer is given up in time, and the connection with it", async () => {
    statuses = ["none"];
    const { verdict, reason } = await gateOf({ timeoutSeconds: 0.2 }).ask(question(), never);
    assert.deepEqual([verdict, reason], ["inconclusive", "no response within 0.2 s"]);
  });

  it("is given up when the run is stopped, while it is waited to try again, too", async () => {
    statuses = ["hangUp", "hangUp", "hangUp"];
    const stop = new AbortController();
    const asking = gateOf({ retries: 10 }).ask(question(), stop.signal);
    while (received.length < 2) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    stop.abort();
    assert.equal((await asking).reason, "the run was stopped before there was a response");
    const tries = received.length;
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.ok(received.length <= tries + 1, `${received.length} tries after ${tries}`);
  });

  it("gets secret texts by their names", async () => {
    const secrets = (name: string) => ({ hookUrl: `${server.url}/hunter2`, token: "Bearer hunter2" })[name];
    const { verdict, reason } = await gateOf(
      { url: { secret: "hookUrl" }, headers: { authorization: { secret: "token" } } },
      secrets,
    ).ask(question(), never);
    assert.equal(verdict, "passed");
    assert.ok(!reason.includes("hunter2"), reason);
    assert.deepEqual([received[0].path, received[0].headers.authorization], ["/hunter2", "Bearer hunter2"]);
  });

  it("is inconclusive without a secret that it needs, which is named and not shown", async () => {
    const cases: [Partial<GateDefinition>, Secrets | undefined, RegExp][] = [
      [
        { headers: { authorization: { secret: "token" } } },
        undefined,
        /no token; set it with `pulumi config set --secret token`/,
      ],
      [{ headers: { authorization: { secret: "token" } } }, () => "hunter2\nx: y", /token cannot be sent in a header/],
      [{ url: { secret: "hookUrl" } }, () => "hunter2", /is not an HTTP\(S\) URL/],
    ];
    for (const [more, secrets, expected] of cases) {
      const { verdict, reason } = await gateOf(more, secrets).ask(question(), never);
      assert.equal(verdict, "inconclusive");
      assert.match(reason, expected);
      assert.ok(!reason.includes("hunter2"));
    }
    assert.equal(received.length, 0);
  });

  it("shows nothing secret of its URL, however it ends", async () => {
    for (const status of [200, 400, "hangUp"] as const) {
      statuses = [status];
      const { reason } = await gateOf({
        url: `${server.url.replace("http://", "http://user:hunter2@")}/hunter2`,
        retries: 0,
      }).ask(question(), never);
      assert.ok(!reason.includes("hunter2"), reason);
    }
    assert.equal(received[0].headers.authorization, `Basic ${Buffer.from("user:hunter2").toString("base64")}`);
  });
});
