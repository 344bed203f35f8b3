import assert from "node:assert/strict";
import { systemClock } from "../../../../src/rollout/runner/clock";
import type { Happening } from "../../../../src/rollout/runner/event";
import { type Shift, TrafficShift } from "../../../../src/rollout/runner/trafficShift";

const SIGNAL = new AbortController().signal;
const SHOP = { app: "shop", namespace: "prod" };
const CART = { app: "cart", namespace: "prod" };
const [OLD, HALF, NEW] = [
  { v1: 100, v2: 0 },
  { v1: 50, v2: 50 },
  { v1: 0, v2: 100 },
];

/** Both apps at these weights, by a config that says so. */
const at = (shop: Record<string, number>, cart: Record<string, number>, more: object = {}) => ({
  weights: shop,
  others: { cart },
  config: { "shop:weights": shop, "cart:weights": cart, ...more },
});

/** What happens at a shift, in order; some apps' routes cannot be changed. */
async function happenings(shift: Partial<Shift>, refusing: readonly string[] = []): Promise<string[]> {
  const all: string[] = [];
  const routesOf = (name: string) => ({
    prepare: async (weights: Record<string, number>) => {
      if (refusing.includes(name)) {
        throw new Error(`not ${name}`);
      }
      return { apply: async () => void all.push(`${name} has ${weights.v2}`) };
    },
  });
  const told = (happening: Happening) =>
    all.push(
      happening.type === "patching"
        ? `patching ${happening.app} ${happening.weights.v2}`
        : happening.type === "logged"
          ? happening.text
          : happening.type,
    );
  const made = new TrafficShift(
    {
      clock: systemClock,
      stack: {
        write: async () => undefined,
        up: async (_, options) => void all.push(options?.refresh === true ? "up with refresh" : "up"),
      },
      patched: [
        { ...SHOP, routes: routesOf("shop") },
        { ...CART, name: "cart", routes: routesOf("cart") },
      ],
    },
    (happening) => void told(happening),
  );
  await made.make({ to: at(HALF, HALF), from: [at(OLD, OLD)], pending: [], ...shift }, SIGNAL);
  return all;
}

describe("a shift of traffic", () => {
  it("announces the weights of all apps before any of them has them, beside the up", async () => {
    const all = await happenings({});
    assert.deepEqual(
      all.filter((each) => each !== "up"),
      ["patching shop 50", "patching cart 50", "shop has 50", "cart has 50", "patched"],
    );
    assert.equal(all.filter((each) => each === "up").length, 1);
  });

  it("leaves alone an app that keeps its weights", async () => {
    const all = await happenings({ to: at(HALF, NEW), from: [at(OLD, NEW)] });
    assert.deepEqual(
      all.filter((each) => each !== "up"),
      ["patching shop 50", "shop has 50", "patched"],
    );
  });

  it("is the up's alone where one of the apps cannot go ahead", async () => {
    assert.deepEqual((await happenings({}, ["cart"])).sort(), ["the up alone moves the traffic: not cart", "up"]);
  });

  it("is the up's alone where more than weights changes", async () => {
    const to = at(HALF, HALF, { "shop:routes": [] });
    assert.deepEqual(await happenings({ to }), ["up"]);
  });

  it("puts right what no up has recorded, and looks at the cluster where it cannot", async () => {
    const pending = [{ ...SHOP, weights: NEW }];
    const [first, ...rest] = await happenings({ to: at(OLD, OLD), pending });
    assert.deepEqual([first, rest.at(-1)], ["patching shop 0", "up"]);
    assert.equal((await happenings({ to: at(OLD, OLD), pending }, ["shop"])).at(-1), "up with refresh");
    const elsewhere = [{ app: "pay", namespace: "prod", weights: NEW }];
    assert.equal((await happenings({ pending: elsewhere })).at(-1), "up with refresh");
  });

  it("does not announce twice what is pending already", async () => {
    const all = await happenings({ to: at(HALF, OLD), pending: [{ ...SHOP, weights: HALF }] });
    assert.deepEqual(all, ["shop has 50", "patched", "up"]);
  });
});
