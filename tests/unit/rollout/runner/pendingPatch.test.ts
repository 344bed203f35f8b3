import assert from "node:assert/strict";
import type { Happening, RolloutEvent } from "../../../../src/rollout/runner/event";
import { isPendingElsewhere, pendingOf, pendingPatches } from "../../../../src/rollout/runner/pendingPatch";
import { TrafficShift } from "../../../../src/rollout/runner/trafficShift";
import { systemClock } from "../../../../src/rollout/runner/clock";

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
    assert.ok(isPendingElsewhere(pending, SHOP) && isPendingElsewhere(pending, CART));
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

  /** Which ups a shift of the shop makes, with what is pending: whether each looks at the cluster. */
  async function upsOf(pending: Parameters<TrafficShift["make"]>[0]["pending"]): Promise<(boolean | undefined)[]> {
    const ups: (boolean | undefined)[] = [];
    const shift = new TrafficShift(
      {
        app: SHOP,
        clock: systemClock,
        stack: { write: async () => undefined, up: async (_, options) => void ups.push(options?.refresh) },
        routes: { prepare: async () => ({ apply: async () => undefined }) },
      },
      () => undefined,
    );
    const to = { config: { "shop:weights": MOST }, weights: MOST };
    await shift.make({ to, from: [], pending }, new AbortController().signal);
    return ups;
  }

  it("have the next up look at the cluster where they are another app's, which the patch does not put right", async () => {
    assert.deepEqual(await upsOf([]), [undefined]);
    assert.deepEqual(await upsOf([{ ...SHOP, weights: HALF }]), [false]);
    assert.deepEqual(await upsOf([{ ...CART, weights: HALF }]), [true]);
  });
});
