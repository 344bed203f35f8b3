import assert from "node:assert/strict";
import fc from "fast-check";
import type { Verdict } from "../../../../src/rollout/gates/gate";
import type { Plan } from "../../../../src/rollout/plan/plan";
import { TERMINAL, typesOf } from "./events";
import { BEFORE, planOf, PROMOTED, withTesters } from "./plans";
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
    testers: fc.option(fc.constantFrom(0, 0.01, 0.3, 1)),
    patches: fc.constantFrom(undefined, 0, 1, 2, 100),
  })
  .map(({ shares, badFrom, how, phases, brokenFrom, load, testers, patches }) => ({
    plan: (testers === null ? (plan: Plan) => plan : withTesters)(
      planOf(shares, [{ name: "good", kind: "test", phases }], {
        stepDeadlineSeconds: 120,
        deadlineSeconds: 36_000,
      }),
    ),
    testers: testers ?? 0,
    patches,
    verdict: (_: string, { weights }) => (badFrom !== null && weights.v2 >= badFrom ? how : "passed"),
    up: (_: number, config) =>
      brokenFrom !== null && (config.weights as Record<string, number>).v2 >= brokenFrom
        ? { fails: "broken" as const }
        : {},
    load,
  }));

/** What people answer, one after the other, each time that a gate has paused the run; then nobody does any more. */
type Answer = "resume" | "abort" | "promote";

/** Runs with a gate that fails from a share on, and pauses them; it may be well again after some answers. */
const pausing = fc
  .record({
    script: scripts,
    from: fc.integer({ min: 1, max: 60 }),
    answers: fc.array(fc.constantFrom<Answer>("resume", "resume", "abort", "promote"), { maxLength: 3 }),
    after: fc.integer({ min: 1, max: 100 }),
    heals: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ script, ...rest }) => ({
    ...rest,
    script: {
      ...script,
      plan: {
        ...script.plan,
        gates: [...script.plan.gates, { name: "bad", kind: "test", phases: ["hold"], onFailure: "pause" as const }],
        limits: { ...script.plan.limits, deadlineSeconds: 1500 },
      },
    },
  }));

type Pausing = typeof pausing extends fc.Arbitrary<infer T> ? T : never;

/** A world with such people; they answer whichever process is at work. */
function withPeople({ script, from, answers, after, heals }: Pausing): World {
  const told = (type: "paused" | "resumed" | "rollingBack" | "promoted") =>
    world.text.split(`{"type":"${type}"`).length - 1;
  const world: World = new World({
    ...script,
    verdict: (gate, input) =>
      gate !== "bad"
        ? (script.verdict?.(gate, input) ?? "passed")
        : input.weights.v2 >= from && told("resumed") < heals
          ? "failed"
          : "passed",
  });
  void (async () => {
    for (const answer of answers) {
      while (told("paused") <= told("resumed")) {
        if (told("rollingBack") + told("promoted") > 0) {
          return;
        }
        await world.clock.sleep(5000);
      }
      await world.clock.sleep(after * 1000);
      world.writeBeside(
        answer === "resume" ? { type: "resumed", by: "eve" } : { type: "commanded", command: answer, by: "eve" },
      );
    }
  })();
  return world;
}

describe("every run that a failed gate pauses", function () {
  this.timeout("3m");

  it("moves nothing until a person has decided or it goes back, and says once why", async () => {
    await fc.assert(
      fc.asyncProperty(pausing, async (given) => {
        const world = withPeople(given);
        const state = await world.process();
        const { events } = world;
        assert.deepEqual(
          typesOf(events).filter((type) => TERMINAL.includes(type)),
          [state.outcome],
        );
        assert.deepEqual(world.weights, state.outcome === "promoted" ? PROMOTED : BEFORE);
        events.forEach((event, index) => {
          if (event.type === "paused") {
            const rest = typesOf(events.slice(index + 1));
            const decided = rest.findIndex((type) => ["resumed", "commanded", "rollingBack"].includes(type));
            assert.ok(decided >= 0, "a run that nobody decides about goes back by its deadline");
            const meanwhile = rest.slice(0, decided);
            assert.ok(!meanwhile.includes("shifting") && !meanwhile.includes("held") && !meanwhile.includes("paused"));
          }
        });
      }),
      { numRuns: 40 },
    );
  });

  it("ends in the same state, however often its process is killed", async () => {
    await fc.assert(
      fc.asyncProperty(pausing, fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 6 }), async (given, kills) => {
        const calm = withPeople(given);
        const { outcome, rollback } = await calm.process();
        const world = withPeople(given);
        const state = await world.processes(kills);
        assert.deepEqual(
          [state.outcome, state.rollback?.reason, world.weights, world.config],
          [outcome, rollback?.reason, calm.weights, calm.config],
        );
      }),
      { numRuns: 40 },
    );
  });
});

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
        const steps = script.plan.steps.map(({ weights }) => weights.v2);
        const asked = [0, ...steps.filter((share) => share > 0), 100];
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
