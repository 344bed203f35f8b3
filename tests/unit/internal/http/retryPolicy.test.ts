import assert from "node:assert/strict";
import fc from "fast-check";
import { ProxyError } from "../../../../src/internal/http/proxy";
import { isRetriedAnswer, isRetriedError, pauseBefore } from "../../../../src/internal/http/retryPolicy";

const NOW = Date.parse("2026-03-01T12:00:00Z");

describe("a retry policy", () => {
  const ALWAYS = [429, 502, 503, 504];
  const SERVER_ERRORS = [500, 501, 505, 599];
  const NEVER = [200, 204, 301, 304, 400, 401, 403, 404, 407, 408, 409, 422, 600];

  for (const [method, retryServerErrors, expected] of [
    ["GET", undefined, true],
    ["HEAD", undefined, true],
    ["PUT", undefined, true],
    ["DELETE", undefined, true],
    ["POST", undefined, false],
    ["PATCH", undefined, false],
    [undefined, undefined, true],
    ["POST", true, true],
    ["GET", false, false],
  ] as const) {
    it(`repeats ${method ?? "a request without a method"} ${expected ? "after any 5xx" : "after transient answers alone"} where retryServerErrors is ${retryServerErrors}`, () => {
      const isRetried = (status: number) => isRetriedAnswer({ status }, { method }, { retryServerErrors });
      assert.deepEqual(ALWAYS.filter(isRetried), ALWAYS);
      assert.deepEqual(SERVER_ERRORS.filter(isRetried), expected ? SERVER_ERRORS : []);
      assert.deepEqual(NEVER.filter(isRetried), []);
    });
  }

  const failure = (code: string) => Object.assign(new Error(code), { code });
  for (const [error, expected] of [
    [failure("ECONNREFUSED"), true],
    [failure("ECONNRESET"), true],
    [failure("EAI_AGAIN"), true],
    [new AggregateError([failure("ENETUNREACH"), failure("ECONNREFUSED")]), true],
    [failure("DEPTH_ZERO_SELF_SIGNED_CERT"), false],
    [failure("ERR_TLS_CERT_ALTNAME_INVALID"), false],
    [failure("ERR_INVALID_CHAR"), false],
    [new Error("the answer is longer than 64 MB"), false],
    [new ProxyError("unreachable", undefined, { cause: failure("ECONNREFUSED") }), true],
    [new ProxyError("bad gateway", 502), true],
    [new ProxyError("who are you", 407), false],
    [new ProxyError("forbidden", 403), false],
    [new ProxyError("no URL"), false],
    [undefined, false],
  ] as const) {
    it(`${expected ? "repeats" : "does not repeat"} a request after ${error?.message || error?.name} (${(error as ProxyError)?.status ?? "no status"})`, () =>
      assert.equal(isRetriedError(error), expected));
  }

  it("waits by chance between half of a pause and all of it, which doubles up to the longest", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: 1, max: 60_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (retry, firstPauseMs, longestPauseMs, random) => {
          const pause = pauseBefore(retry, { retries: 40, firstPauseMs, longestPauseMs }, undefined, NOW, random);
          const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** (retry - 1));
          assert.ok(pause !== undefined && pause >= longest / 2 && pause <= longest, `${pause} of ${longest}`);
        },
      ),
    );
    const pauses = [0, 0.5, 1].map((random) => pauseBefore(2, { retries: 2 }, undefined, NOW, random));
    assert.deepEqual(pauses, [500, 750, 1000]);
  });

  for (const [header, expected] of [
    ["0", 250],
    ["5", 5_000],
    [" 30 ", 30_000],
    ["31", undefined],
    ["9".repeat(400), undefined],
    ["Sun, 01 Mar 2026 12:00:07 GMT", 7_000],
    ["Sun, 01 Mar 2026 11:00:00 GMT", 250],
    ["Sun, 01 Mar 2026 13:00:00 GMT", undefined],
    ["-5", 250],
    ["1.5", 250],
    ["in 2099", 250],
    ["", 250],
  ] as const) {
    it(`waits ${expected ?? "not at all, for nothing is sent again,"} ms where Retry-After is "${header.slice(0, 40)}"`, () =>
      assert.equal(pauseBefore(1, { retries: 1 }, header, NOW, 0), expected));
  }

  it("waits no less than by itself where Retry-After asks for less", () => {
    assert.equal(pauseBefore(4, { retries: 4 }, "1", NOW, 1), 4_000);
    assert.equal(pauseBefore(1, { retries: 4, longestPauseMs: 1_000 }, "2", NOW, 1), undefined);
  });
});
