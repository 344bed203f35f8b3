import assert from "node:assert/strict";
import { typesOf } from "./events";
import { gateAt, planOf } from "./plans";
import { type Script, World } from "./world";

describe("a paused run", () => {
  function paused(script: Script, seconds: number): World {
    const world = new World(script);
    void world.clock.sleep(15_000).then(() => world.writeBeside({ type: "paused", by: "eve" }));
    void world.clock.sleep(15_000 + seconds * 1000).then(() => world.writeBeside({ type: "resumed", by: "eve" }));
    return world;
  }

  it("shifts nothing, goes on sampling, and its step's deadline does not pass", async () => {
    const world = paused({ plan: planOf([10, 50]) }, 1000);
    assert.equal((await world.process()).outcome, "promoted");
    const types = typesOf(world.events);
    const between = types.slice(types.indexOf("paused") + 1, types.indexOf("resumed"));
    assert.deepEqual([...new Set(between)], ["sampled"]);
    assert.ok(between.length > 90);
  });

  it("is still ended by a gate that fails", async () => {
    const world = paused(
      {
        plan: planOf([10, 50]),
        verdict: () => (world.events.some(({ type }) => type === "paused") ? "failed" : "passed"),
      },
      1000,
    );
    assert.equal((await world.process()).outcome, "rolledBack");
    assert.ok(!typesOf(world.events).includes("resumed"));
  });

  it("is ended by the whole run's deadline", async () => {
    const world = paused({ plan: planOf([10, 50]) }, 100_000);
    const state = await world.process();
    assert.deepEqual([state.outcome, state.rollback?.reason], ["rolledBack", "deadline"]);
  });

  it("asks no gate before the next step", async () => {
    const world: World = new World({
      plan: planOf([10], [gateAt("start")], { stepDeadlineSeconds: 60 }),
      verdict: () => (world.clock.now() - Date.parse(world.events[0].at) > 500_000 ? "passed" : "inconclusive"),
    });
    void world.clock.sleep(15_000).then(() => world.writeBeside({ type: "paused", by: "eve" }));
    void world.clock.sleep(500_000).then(() => world.writeBeside({ type: "resumed", by: "eve" }));
    assert.equal((await world.process()).outcome, "promoted");
    const types = typesOf(world.events);
    assert.deepEqual(types.slice(types.indexOf("paused"), types.indexOf("resumed") + 1), ["paused", "resumed"]);
  });
});
