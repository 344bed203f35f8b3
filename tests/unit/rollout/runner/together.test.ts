import assert from "node:assert/strict";
import fc from "fast-check";
import { only, typesOf } from "./events";
import { gateAt, planOf, withCart } from "./plans";
import { Killed, type Script, World } from "./world";

const OF_CART = { ...gateAt("hold"), name: "errors (cart)", app: "cart" };
const OURS = { ...gateAt("hold"), name: "errors" };

const BEFORE = [
  { v1: 100, v2: 0 },
  { v2: 100, v3: 0 },
];
const PROMOTED = [
  { v1: 0, v2: 100 },
  { v2: 0, v3: 100 },
];

function together(script: Partial<Script> = {}, share = 0): World {
  return new World({ plan: withCart(planOf([10, 50], [OURS, OF_CART]), share), ...script });
}

function sharesOf(world: World) {
  return [world.weights, world.weightsOf("cart")];
}

describe("a run of several apps", () => {
  it("promotes all, each step by one up, and counts the traffic of each", async () => {
    const world = together({ up: () => ({}) });
    assert.equal((await world.process()).outcome, "promoted");
    assert.deepEqual(sharesOf(world), PROMOTED);
    assert.equal(world.ups, 4);
    assert.deepEqual(
      only(world.events, "shifting").map(({ weights, others }) => [weights.v2, others?.cart.v3]),
      [
        [10, 10],
        [50, 50],
        [100, 100],
      ],
    );
    for (const { unverified, actual, others } of only(world.events, "converged")) {
      assert.deepEqual(
        [unverified, Object.keys(actual ?? {}), Object.keys(others?.cart ?? {})],
        [undefined, ["v1", "v2"], ["v2", "v3"]],
      );
    }
    const sampled = only(world.events, "sampled").filter(({ others }) => others !== undefined);
    assert.ok(sampled.length > 4);
    assert.ok(sampled.every(({ others }) => (others?.cart.v2.requests ?? 0) > 0));
  });

  it("says what the users of all apps saw", async () => {
    const world = together({ failing: { v1: 0.01, "cart.v2": 0.02 } });
    await world.process();
    const seconds = (Date.parse(world.events.at(-1)?.at ?? "") - Date.parse(world.events[0].at)) / 1000;
    const { requests = 0, failures = 0 } = only(world.events, "promoted")[0].users ?? {};
    const whole = Object.values(await world.traffic({ from: Date.parse(world.events[0].at), to: world.clock.now() }));
    const ours = whole.reduce((sum, each) => sum + each.failures, 0);
    assert.ok(failures > 2.5 * ours && failures < 3.5 * ours, `${failures} failures, ${ours} of them ours`);
    assert.ok(Math.abs(requests - 200 * seconds) < 20, `${requests} in ${seconds} s of 100 requests a second to each`);
  });

  it("asks the gates of each app about that app", async () => {
    const asked: unknown[] = [];
    const world = together({
      verdict: (gate, { app, namespace, target, weights }) => (
        asked.push([gate, app, namespace, target, weights[target]]),
        "passed"
      ),
    });
    await world.process();
    assert.deepEqual(asked.slice(0, 2), [
      ["errors", "shop", "shop", "v2", 10],
      ["errors (cart)", "cart", "cart", "v3", 10],
    ]);
  });

  it("sends all back when a gate of another app fails, and only then", async () => {
    const world = together({
      verdict: (gate, { weights }) => (gate === "errors (cart)" && weights.v3 >= 50 ? "failed" : "passed"),
    });
    const state = await world.process();
    assert.deepEqual([state.outcome, state.rollback?.reason, sharesOf(world)], ["rolledBack", "gate", BEFORE]);
    assert.match(state.rollback?.why ?? "", /^errors \(cart\): /);
    assert.deepEqual(world.config, world.script.plan.before.config);
  });

  it("counts the failures in a row of each app's gate alone", async () => {
    let asked = 0;
    const world = together({
      // By turns: never two failures of one gate in a row.
      verdict: (gate) => ((asked++ >> 1) % 2 === (gate === "errors" ? 0 : 1) && asked < 40 ? "failed" : "passed"),
    });
    assert.equal((await world.process()).outcome, "promoted");
  });

  it("goes on unverified where another app has no requests, and says which it is", async () => {
    const world = together({ loadOfOthers: { cart: 0 } });
    assert.equal((await world.process()).outcome, "promoted");
    const [converged] = only(world.events, "converged");
    assert.match(converged.unverified ?? "", /^cart: no requests within 30 s$/);
    assert.deepEqual(Object.keys(converged.actual ?? {}), ["v1", "v2"]);
  });

  it("goes on where the source of one app says nothing, and tells it once", async () => {
    const world = together({ sourceOfOtherFails: { cart: "nobody there" } });
    assert.equal((await world.process()).outcome, "promoted");
    assert.deepEqual(
      only(world.events, "logged").map(({ text }) => text),
      ["metrics of cart are not available: nobody there"],
    );
    assert.equal(only(world.events, "converged")[0].unverified, "cart: nobody there");
    assert.ok((only(world.events, "promoted")[0].users?.requests ?? 0) > 0);
    assert.ok(
      only(world.events, "sampled").every(({ traffic, others }) => traffic !== undefined && others === undefined),
    );
  });

  it("does not wait for an app whose share stays in a step", async () => {
    const world = together({}, 30);
    assert.equal((await world.process()).outcome, "promoted");
    const [first, second] = only(world.events, "converged");
    assert.deepEqual([first.unverified, first.others], [undefined, undefined]);
    assert.notEqual(second.others?.cart, undefined);
  });

  it("waits for another app alone where the run's own share stays", async () => {
    const plan = withCart(planOf([10, 50], [OURS]));
    const kept = { v1: 0, v2: 100 };
    const keeping = (step: typeof plan.promotion) => ({
      ...step,
      weights: kept,
      config: { ...step.config, weights: kept },
    });
    const world = new World({
      plan: {
        ...plan,
        before: { ...plan.before, weights: kept, config: { ...plan.before.config, weights: kept } },
        steps: plan.steps.map(keeping),
        promotion: keeping(plan.promotion),
      },
    });
    assert.equal((await world.process()).outcome, "promoted");
    const [first] = only(world.events, "converged");
    assert.deepEqual(
      [first.unverified, first.actual, Object.keys(first.others ?? {})],
      [undefined, undefined, ["cart"]],
    );
    assert.ok(first.seconds < 20);
  });

  it("applies a step again whose shares of another app are not there any more when it is continued", async () => {
    let world = together();
    for (let killAt = 1; typesOf(world.events).at(-1) !== "converged"; killAt++) {
      world = together();
      await assert.rejects(world.process({ killAt }), Killed);
    }
    // Somebody has brought the other app back, and its config then to what it was.
    const last = world.shares.at(-1) as (typeof world.shares)[number];
    world.shares.push({ ...last, at: world.clock.now(), others: { cart: { v2: 100, v3: 0 } } });
    world.recorded = { ...world.config, "cart:weights": { v2: 100, v3: 0 } };
    assert.equal((await world.process()).outcome, "promoted");
    assert.match(JSON.stringify(only(world.events, "logged")), /the stack is not so: step \d is applied again/);
    assert.deepEqual(sharesOf(world), PROMOTED);
  });

  it("can be taken back after its promotion", async () => {
    const world = together();
    await world.process();
    const state = await world.process({ goBack: true });
    assert.deepEqual(
      [state.outcome, sharesOf(world), world.config],
      ["rolledBack", BEFORE, world.script.plan.before.config],
    );
  });

  it("ends in the same state, however often it is killed, and whichever gate fails", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.option(fc.constantFrom("errors", "errors (cart)")),
        fc.constantFrom(0, 30, 100),
        fc.constantFrom(0, 100),
        fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 8 }),
        async (bad, share, load, kills) => {
          const verdict: Script["verdict"] = (gate, { weights, target }) =>
            gate === bad && weights[target] >= 50 ? "failed" : "passed";
          const script = { verdict, loadOfOthers: { cart: load } };
          const calm = together(script, share);
          const { outcome } = await calm.process();
          const world = together(script, share);
          const state = await world.processes(kills);
          assert.deepEqual([state.outcome, sharesOf(world), world.config], [outcome, sharesOf(calm), calm.config]);
          assert.deepEqual(
            sharesOf(world),
            state.outcome === "promoted" ? PROMOTED : [BEFORE[0], { v2: 100 - share, v3: share }],
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});
