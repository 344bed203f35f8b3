import assert from "node:assert/strict";
import fc from "fast-check";
import type { Verdict } from "../../../../src/rollout/gates/gate";
import { TERMINAL, typesOf } from "./events";
import { BEFORE, planOf, PROMOTED } from "./plans";
import { type Script, World } from "./world";

/**
 * Worlds that go well or badly in one way, with generous deadlines: what happens depends on the weights in force alone.
 */
const scripts: fc.Arbitrary<Script> = fc
  .record({
    shares: fc
      .uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 0, maxLength: 3 })
      .map((all) => all.sort((a, b) => a - b)),
    badFrom: fc.option(fc.integer({ min: 1, max: 99 })),
    how: fc.constantFrom<Verdict>("failed", "rejected", "inconclusive"),
    phases: fc.subarray(["start", "step", "hold", "promotion"], { minLength: 1 }),
    brokenFrom: fc.option(fc.integer({ min: 1, max: 99 })),
    load: fc.constantFrom(0, 100),
  })
  .map(({ shares, badFrom, how, phases, brokenFrom, load }) => ({
    plan: planOf(shares, [{ name: "good", kind: "test", phases }], {
      stepDeadlineSeconds: 120,
      deadlineSeconds: 36_000,
    }),
    verdict: (_: string, { weights }) => (badFrom !== null && weights.v2 >= badFrom ? how : "passed"),
    up: (_: number, config) =>
      brokenFrom !== null && (config.weights as Record<string, number>).v2 >= brokenFrom
        ? { fails: "broken" as const }
        : {},
    load,
  }));

describe("every run", function () {
  this.timeout("2m");

  it("ends in exactly one terminal event, with everything for the target or everything as before", async () => {
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const world = new World(script);
        const state = await world.process();
        assert.deepEqual(
          typesOf(world.events).filter((type) => TERMINAL.includes(type)),
          [state.outcome],
        );
        assert.equal(typesOf(world.events).at(-1), state.outcome);
        assert.deepEqual(world.weights, state.outcome === "promoted" ? PROMOTED : BEFORE);
        assert.deepEqual(world.config.weights, world.weights);
      }),
    );
  });

  it("gives the target more with every shift, and never more than the step asks for", async () => {
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const world = new World(script);
        await world.process();
        const asked = [0, ...script.plan.steps.map(({ weights }) => weights.v2), 100];
        const had = world.shares
          .map(({ weights }) => weights.v2)
          .filter((share, index, all) => share !== all[index - 1]);
        const forward = had.filter((share, index) => index === 0 || share > had[index - 1]);
        assert.deepEqual(forward, asked.slice(0, forward.length));
        assert.deepEqual(had.slice(forward.length), had.length > forward.length ? [0] : []);
      }),
    );
  });

  it("ends in the same state, whichever of its deeds it is killed at and resumed from", async () => {
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const calm = new World(script);
        const { outcome, rollback } = await calm.process();
        for (let killAt = 1; killAt <= calm.deeds; killAt++) {
          const world = new World(script);
          const state = await world.processes([killAt]);
          assert.deepEqual(
            [state.outcome, state.rollback?.reason, world.weights, world.config],
            [outcome, rollback?.reason, calm.weights, calm.config],
            `killed at ${killAt}`,
          );
          assert.equal(typesOf(world.events).filter((type) => TERMINAL.includes(type)).length, 1);
        }
      }),
      { numRuns: 12 },
    );
  });

  it("ends in the same state, however often it is killed", async () => {
    await fc.assert(
      fc.asyncProperty(scripts, fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 8 }), async (script, kills) => {
        const calm = new World(script);
        const { outcome } = await calm.process();
        const world = new World(script);
        const state = await world.processes(kills);
        assert.deepEqual([state.outcome, world.weights, world.config], [outcome, calm.weights, calm.config]);
        assert.equal(typesOf(world.events).filter((type) => TERMINAL.includes(type)).length, 1);
      }),
      { numRuns: 100 },
    );
  });
});
