import assert from "node:assert/strict";
import fc from "fast-check";
import type { GateDefinition } from "../../../../src/rollout/gates/gate";
import { makePlan } from "../../../../src/rollout/plan/makePlan";
import type { RolloutSettings } from "../../../../src/rollout/plan/settings";
import { restoredPlan, redactPlan } from "../../../../src/rollout/plan/redact";
import { planOf } from "../runner/plans";
import { standing } from "./appStates";

const SECRET = "s3cr3t";

/** A text that may be a secret: as it is, or by the name of the key that holds it. */
const confidential = fc.oneof(fc.constant(`${SECRET}-text`), fc.constant({ secret: "named" }));
const headers = fc.dictionary(fc.constantFrom("Authorization", "X-Key", "secret", "redacted", "url"), confidential, {
  minKeys: 1,
});
const address = fc.constantFrom(
  `https://hooks/${SECRET}`,
  `https://user:${SECRET}@hooks/`,
  `https://hooks/?key=${SECRET}`,
);

const webhook: fc.Arbitrary<GateDefinition> = fc.record({
  name: fc.constant("asked"),
  kind: fc.constant("webhook"),
  url: fc.oneof(address, fc.constant({ secret: "hook" })),
  headers,
  when: fc.constant("start"),
});
const prometheus = fc.record(
  {
    url: fc.constantFrom(
      "http://prometheus:9090/at",
      `http://user:${SECRET}@prometheus`,
      `http://prometheus?key=${SECRET}`,
    ),
    token: confidential,
    headers,
  },
  { requiredKeys: ["url"] },
);

const settings: fc.Arbitrary<RolloutSettings> = fc.record({
  gates: fc.tuple(webhook).map(([gate]) => [gate, { name: "errors", kind: "success-rate", min: 99 }]),
  source: fc.record({ prometheus, domain: fc.constant("cluster.local") }),
});

describe("a plan for a journal", () => {
  it("has no text that may be a secret, and is whole again with the settings", () => {
    fc.assert(
      fc.property(settings, (given) => {
        const plan = makePlan(given, standing());
        const kept = JSON.parse(JSON.stringify(redactPlan(plan))) as typeof plan;
        assert.ok(!JSON.stringify(kept).includes(SECRET), JSON.stringify(kept));
        assert.deepEqual(restoredPlan(kept, given), plan);
      }),
    );
  });

  it("keeps what names a secret, and a Prometheus' place", () => {
    const gate = {
      name: "asked",
      kind: "webhook",
      url: { secret: "hook" },
      headers: { Authorization: { secret: "token" } },
    };
    const plan = {
      ...planOf([10], [gate]),
      source: { prometheus: { url: "http://prometheus:9090/at", token: { secret: "token" } } },
    };
    assert.deepEqual(redactPlan(plan), plan);
    assert.deepEqual(restoredPlan(plan, {}), plan);
  });

  it("names what is not given again", () => {
    const gate = { name: "asked", kind: "webhook", url: "https://hooks/secret", headers: { "X-Key": "secret" } };
    const plan = redactPlan({
      ...planOf([10], [gate]),
      source: { prometheus: { url: "http://user:secret@prometheus", token: "secret" } },
    });
    const paths = ["gates.asked.url", "gates.asked.headers.X-Key", "source.prometheus.url", "source.prometheus.token"];
    for (const without of [
      {},
      { gates: [{ ...gate, name: "other" }] },
      { gates: [{ name: "asked", kind: "promql" }] },
    ]) {
      assert.throws(
        () => restoredPlan(plan, without),
        ({ message }: Error) => paths.every((path) => message.includes(`rollout.${path} was given as a plain value`)),
      );
    }
  });
});
