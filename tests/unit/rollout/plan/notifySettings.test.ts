import assert from "node:assert/strict";
import { checkNotify } from "../../../../src/rollout/plan/notifySettings";
import { Findings } from "../../../../src/validation/problem";

function problems(value: unknown): string[] {
  const findings = Findings.at("shop:rollout").field("notify");
  checkNotify(value, findings);
  return findings.all().map(({ path, what }) => `${path} ${what}`);
}

describe("the setting notify", () => {
  it("takes webhooks with any template, and GitHub", () => {
    assert.deepEqual(
      problems([
        { kind: "webhook", url: "https://hooks.example/x" },
        { kind: "webhook", url: { secret: "shop:slack" }, template: "slack", events: ["rolledBack"], retries: 0 },
        { kind: "github", repository: "acme/shop", token: { secret: "shop:token" }, production: true },
      ]),
      [],
    );
  });

  for (const [value, expected] of [
    [{}, "shop:rollout.notify is {}"],
    [["x"], 'shop:rollout.notify[0] is "x"'],
    [[{ url: "https://x.example" }], "shop:rollout.notify[0].kind is missing"],
    [[{ kind: "toString" }], 'shop:rollout.notify[0].kind is "toString"'],
    [[{ kind: "webhook" }], "shop:rollout.notify[0].url is missing"],
    [[{ kind: "webhook", url: "ftp://s3cr3t" }], "shop:rollout.notify[0].url is not an HTTP(S) URL"],
    [
      [{ kind: "webhook", url: "https://x.example", events: ["sometimes"] }],
      'shop:rollout.notify[0].events[0] is "sometimes"',
    ],
    [
      [{ kind: "webhook", url: "https://x.example", templte: "slack" }],
      "shop:rollout.notify[0].templte is an unknown argument",
    ],
    [[{ kind: "github", repository: "shop" }], 'shop:rollout.notify[0].repository is "shop"'],
  ] as const) {
    it(`refuses ${JSON.stringify(value)}`, () => assert.deepEqual(problems(value), [expected]));
  }
});
