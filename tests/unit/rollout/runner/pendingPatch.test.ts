import assert from "node:assert/strict";
import type { Happening, RolloutEvent } from "../../../../src/rollout/runner/event";
import { isPendingElsewhere, pendingOf, pendingPatches } from "../../../../src/rollout/runner/pendingPatch";

const SHOP = { app: "shop", namespace: "prod" };
const CART = { app: "cart", namespace: "prod" };
const HALF = { v1: 50, v2: 50 };
const MOST = { v1: 10, v2: 90 };

const events = (...happenings: Happening[]): RolloutEvent[] =>
  happenings.map((each) => ({ ...each, run: "r", at: "2030-01-01T00:00:00Z" }));
const patching = (app: typeof SHOP, weights: Record<string, number>): Happening => ({
  type: "patching",
  ...app,
  weights,
});

describe("weights that no up has recorded", () => {
  it("are the last of each app", () => {
    const pending = pendingPatches(events(patching(SHOP, HALF), patching(CART, HALF), patching(SHOP, MOST)));
    assert.deepEqual([pendingOf(pending, SHOP), pendingOf(pending, CART)], [MOST, HALF]);
    assert.equal(pendingOf(pending, { ...SHOP, namespace: "test" }), undefined);
    assert.ok(isPendingElsewhere(pending, [SHOP]) && !isPendingElsewhere(pending, [CART, SHOP]));
  });

  const recorded: Happening[] = [
    { type: "prepared", seconds: 1 },
    { type: "shifted", step: 0, seconds: 1 },
    { type: "rolledBack", reason: "gate", seconds: 1 },
    { type: "recorded" },
  ];
  for (const happening of recorded) {
    it(`are none after ${happening.type}`, () => {
      assert.deepEqual(pendingPatches(events(patching(SHOP, HALF), patching(CART, HALF), happening)), []);
    });
  }

  it("stay after anything else", () => {
    const others: Happening[] = [
      { type: "patched", seconds: 1 },
      { type: "rollingBack", reason: "gate", why: "no" },
      { type: "failed", why: "no" },
    ];
    assert.deepEqual(pendingPatches(events(patching(SHOP, HALF), ...others)), [{ ...SHOP, weights: HALF }]);
  });
});
