import assert from "node:assert/strict";
import { hostname } from "node:os";
import { localLockHolders, LOCKED, NOT_READY, UNREACHABLE, upErrorOf } from "../../../../src/rollout/pulumi/upErrors";

const LOCK = `code: 255 stderr: error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  file:///state/.pulumi/locks/organization/shop/dev/a.json: created by ann@${hostname()} (pid 4242) at 2030-01-01T00:00:00Z`;

const API = "https://10.0.0.1:6443";

/** What Pulumi and its provider print, by the pattern that knows it. */
const OF_LOCKS: [RegExp, string][] = [
  [/stack is currently locked by/, LOCK],
  [/Another update is currently in progress/, "error: [409] Conflict: Another update is currently in progress."],
];

const OF_REACHING: [RegExp, string][] = [
  [
    /connection refused/i,
    `shop-routes: Patch "${API}/apis/networking.istio.io/v1/x": dial tcp 10.0.0.1:6443: connect: connection refused`,
  ],
  [/connection reset/i, "read tcp 10.0.2.15:51514->10.0.0.1:6443: read: connection reset by peer"],
  [/unreachable/i, "failed to read resource state due to unreachable API server"],
  [/no route to host/i, "dial tcp 10.0.0.1:6443: connect: no route to host"],
  [/no such host/i, "dial tcp: lookup api.shop.example on 10.96.0.10:53: no such host"],
  [/i\/o timeout/i, "dial tcp 10.0.0.1:6443: i/o timeout"],
  [/TLS handshake timeout/i, `Get "${API}/version": net/http: TLS handshake timeout`],
  [/context deadline exceeded/i, `Get "${API}/openapi/v2": context deadline exceeded`],
  [/request canceled/i, `Get "${API}/version": net/http: request canceled while waiting for connection`],
  [/unexpected EOF/i, `Get "${API}/apis/apps/v1/namespaces/shop/deployments": unexpected EOF`],
  [/: EOF\b/i, `Post "${API}/api/v1/namespaces": EOF`],
  [/http2: /i, 'http2: server sent GOAWAY and closed the connection; LastStreamID=1999, ErrCode=NO_ERROR, debug=""'],
  [/etcdserver: /i, "etcdserver: request timed out"],
  [
    /unable to load schema/i,
    "unable to load schema information from the API server: the server has asked for the client to provide credentials",
  ],
  [/the server is currently unable to handle the request/i, "the server is currently unable to handle the request"],
  [
    /server was unable to return a response in the time allotted/i,
    "the server was unable to return a response in the time allotted, but may still be processing the request",
  ],
];

const OF_READINESS: [RegExp, string][] = [
  [/probe failed/i, "Readiness probe failed:"],
  [/back-?off/i, '"shop/shop-v2" failed to initialize: CrashLoopBackOff: back-off 40s restarting failed container:'],
  [/ErrImagePull/i, "containers with unready status: [shop]: ErrImagePull:"],
  [/failed to become/i, "shop-v2: the resource was created, but failed to become live:"],
  [/not ready/i, "1 pod not ready:"],
  [/Minimum number of/i, "Minimum number of Pods to consider the application live was not attained:"],
  [/did not (become|get) ready/i, "Service shop did not become ready:"],
  [/timed out waiting/i, "timed out waiting for the condition:"],
];

describe("what became of an up", () => {
  it("is known by patterns of which each has an example", () => {
    for (const [patterns, examples] of [
      [LOCKED, OF_LOCKS],
      [UNREACHABLE, OF_REACHING],
      [NOT_READY, OF_READINESS],
    ] as const) {
      assert.deepEqual(
        examples.map(([pattern]) => String(pattern)),
        patterns.map(String),
      );
      examples.forEach(([pattern, text]) => assert.match(text, pattern));
    }
  });

  for (const [pattern, text] of [...OF_LOCKS, ...OF_REACHING]) {
    it(`may pass: ${pattern.source}`, () => assert.equal(upErrorOf(["update failed", text], false).kind, "passing"));
  }

  it("may pass where the program was cut off from the engine", () => {
    const text =
      "the connection to Pulumi's engine was lost before all resources were registered, and nothing is deleted";
    assert.equal(upErrorOf([`${text}: 14 UNAVAILABLE: No connection established`], false).kind, "passing");
  });

  for (const [pattern, text] of OF_READINESS) {
    it(`is broken where the cluster answered, even if pods refuse connections: ${pattern.source}`, () => {
      const error = `${text} dial tcp 10.1.1.1:8080: connect: connection refused`;
      assert.equal(upErrorOf([error], false).kind, "broken", error);
    });
  }

  it("is broken where settings are wrong", () => {
    const text = "canary-app:weight is 101; a whole number from 0 to 100 is needed";
    assert.equal(upErrorOf([text], false).kind, "broken");
  });

  it("was cancelled if that was asked for, whatever it says", () => {
    assert.equal(upErrorOf([LOCK], true).kind, "cancelled");
  });

  it("is told in one line that is not endless, each message once", () => {
    const { message } = upErrorOf(["a\n  b", "a\n  b", "c".repeat(1000)], false);
    assert.match(message, /^a b; c+…$/);
    assert.equal(message.length, 600);
  });

  it("names the processes of this machine that hold a lock, and none if another machine has one", () => {
    assert.deepEqual(localLockHolders([LOCK]), [4242]);
    assert.equal(localLockHolders([LOCK, "created by bob@elsewhere (pid 1)"]), undefined);
    assert.equal(localLockHolders(["connection refused"]), undefined);
  });
});
