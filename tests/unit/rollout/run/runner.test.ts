import assert from "node:assert/strict";
import fc from "fast-check";
import type { Verdict } from "../../../../rollout/gates/gate";
import type { RolloutEvent } from "../../../../rollout/run/event";
import { Killed, planOf, type Script, World } from "./world";

const TERMINAL = ["promoted", "rolledBack", "failed"];
const PROMOTED = { v1: 0, v2: 100 };
const BEFORE = { v1: 100, v2: 0 };

function typesOf(events: readonly RolloutEvent[]): string[] {
  return events.map(({ type }) => type);
}

function only<T extends RolloutEvent["type"]>(events: readonly RolloutEvent[], type: T): Extract<RolloutEvent, { type: T }>[] {
  return events.filter((event): event is Extract<RolloutEvent, { type: T }> => event.type === type);
}

function gate(...moments: string[]) {
  return { name: moments.join("-"), kind: "test", moments };
}

describe("the runner", () => {
  it("goes through all steps in order and promotes", async () => {
    const world = new World({ plan: planOf([10, 50]) });
    const state = await world.process();
    assert.equal(state.outcome, "promoted");
    assert.deepEqual(world.weights, PROMOTED);
    assert.deepEqual(only(world.events, "shifting").map(({ step, weights }) => [step, weights.v2]), [[0, 10], [1, 50], [2, 100]]);
    assert.deepEqual(only(world.events, "followed").map(({ measured }) => measured?.v2), [10, 50, 100]);
    assert.deepEqual(typesOf(world.events.slice(-4)), ["shifting", "shifted", "followed", "promoted"]);
  });

  it("samples at the end of a hold at the latest, and holds as long as planned", async () => {
    const world = new World({ plan: planOf([10], undefined, { intervalSeconds: 20 }) });
    await world.process();
    const [followed, held] = [only(world.events, "followed")[0], only(world.events, "held")[0]];
    assert.ok(Date.parse(held.at) - Date.parse(followed.at) >= 30_000);
    assert.equal(only(world.events, "sampled").length, 2);
  });

  it("counts what users saw, and tells it at the end", async () => {
    const world = new World({ plan: planOf([10, 50]), failing: { v2: 0.5 } });
    await world.process();
    const { users } = only(world.events, "promoted")[0];
    const whole = await world.traffic({ from: Date.parse(world.events[0].at), to: Date.parse(world.events.at(-1)!.at) });
    assert.equal(users?.requests, whole.v1.requests + whole.v2.requests);
    assert.equal(users?.failures, whole.v2.failures);
  });

  it("rolls back at once when a gate refuses, and after the threshold of failures otherwise", async () => {
    for (const [verdict, samples] of [["refused", 1], ["failed", 2]] as const) {
      const world = new World({ plan: planOf([10, 50]), verdict: (_, { weights }) => (weights.v2 === 50 ? verdict : "passed") });
      const state = await world.process();
      assert.deepEqual([state.outcome, state.rollback?.reason, world.weights, world.config], ["rolledBack", "gate", BEFORE, world.script.plan.before.config]);
      assert.equal(only(world.events, "sampled").filter(({ step }) => step === 1).length, samples);
      assert.match(only(world.events, "rollingBack")[0].why, /good: scripted as/);
    }
  });

  it("does not let an undecided gate pass: the step's deadline ends the run, and says what was waited for", async () => {
    const world = new World({ plan: planOf([10]), verdict: () => "undecided" });
    const state = await world.process();
    assert.deepEqual([state.outcome, state.rollback?.reason, world.weights], ["rolledBack", "deadline", BEFORE]);
    assert.match(state.rollback?.why ?? "", /step 1 \(10 %\) took longer than 300 s; last: good: scripted as undecided/);
  });

  it("lets failures in a row stand while a gate is undecided, and forgets them when it passes", async () => {
    const said: Verdict[] = ["failed", "passed", "failed", "undecided", "failed"];
    let count = 0;
    const world = new World({ plan: planOf([10], undefined, { intervalSeconds: 1 }), verdict: () => said[Math.min(count++, said.length - 1)] });
    const state = await world.process();
    assert.deepEqual([state.outcome, count], ["rolledBack", 5]);
  });

  it("changes nothing if a gate before the start refuses: no up at all", async () => {
    const world = new World({ plan: planOf([10], [gate("start")]), verdict: () => "refused" });
    const state = await world.process();
    assert.deepEqual([state.outcome, world.ups, world.config], ["rolledBack", 0, world.script.plan.before.config]);
  });

  it("asks each gate at its moments, with the step it is about", async () => {
    const asked: string[] = [];
    const plan = planOf([10, 50], [gate("start"), gate("step"), gate("promotion")]);
    const world = new World({ plan, verdict: (name, { moment, step }) => (asked.push(`${name} ${moment} ${step}`), "passed") });
    await world.process();
    assert.deepEqual(asked, ["start start -1", "step step 0", "step step 1", "promotion promotion 2"]);
  });

  it("asks a gate again that has not passed, but not those that have", async () => {
    const asked: string[] = [];
    const plan = planOf([10], [{ ...gate("start"), name: "a" }, { ...gate("start"), name: "b" }]);
    const world = new World({ plan, verdict: (name) => (asked.push(name), name === "b" && asked.length < 4 ? "undecided" : "passed") });
    assert.equal((await world.process()).outcome, "promoted");
    assert.deepEqual(asked, ["a", "b", "b", "b"]);
  });

  it("goes on unmeasured when there are too few requests, and says so", async () => {
    const world = new World({ plan: planOf([10]), load: 0 });
    assert.equal((await world.process()).outcome, "promoted");
    assert.match(only(world.events, "followed")[0].unmeasured ?? "", /no requests within 30 s/);
  });

  it("goes on when the source cannot be asked, and says why: to judge that is the gates' affair", async () => {
    const world = new World({ plan: planOf([10]), sourceFails: "nobody there" });
    assert.equal((await world.process()).outcome, "promoted");
    assert.equal(only(world.events, "followed")[0].unmeasured, "nobody there");
    assert.equal(only(world.events, "promoted")[0].users, undefined);
  });

  it("tries an up again while its trouble may pass, and rolls back at once when it is broken", async () => {
    const passing = new World({ plan: planOf([10]), up: (count) => (count >= 1 && count <= 3 ? { fails: "passing" } : {}) });
    assert.equal((await passing.process()).outcome, "promoted");
    assert.equal(only(passing.events, "noted").filter(({ level }) => level === "warning").length, 3);
    const broken = new World({ plan: planOf([10]), up: (count) => (count === 1 ? { fails: "broken" } : {}) });
    const state = await broken.process();
    assert.deepEqual([state.outcome, state.rollback?.reason, broken.weights, broken.ups], ["rolledBack", "failure", BEFORE, 3]);
  });

  it("brings the stack up before it shifts: what fails then has cost no request, and needs no way back", async () => {
    const broken = new World({ plan: planOf([10]), up: () => ({ fails: "broken" }) });
    const state = await broken.process();
    assert.deepEqual([state.outcome, state.rollback?.reason, broken.ups], ["rolledBack", "failure", 1]);
    assert.deepEqual(typesOf(broken.events), ["started", "rollingBack", "rolledBack"]);
    const hanging = new World({ plan: planOf([10]), up: () => ({ seconds: 10_000 }) });
    assert.equal((await hanging.process()).rollback?.reason, "deadline");
    assert.equal(hanging.ups, 1);
  });

  it("ends an up that takes longer than the step may, and goes back", async () => {
    const world = new World({ plan: planOf([10]), up: (count) => (count === 1 ? { seconds: 1000 } : {}) });
    const state = await world.process();
    assert.deepEqual([state.outcome, state.rollback?.reason], ["rolledBack", "deadline"]);
    assert.match(state.rollback?.why ?? "", /the up was ended early/);
  });

  it("fails when the way back does not work within its deadline, and can be taken up again", async () => {
    const world = new World({ plan: planOf([10]), verdict: () => "refused", up: (count) => (count >= 2 && count < 100 ? { fails: "passing" } : {}) });
    const state = await world.process();
    assert.equal(state.outcome, "failed");
    assert.match(state.failure ?? "", /did not work within 600 s; last: the way back is tried again: the up failed/);
    world.ups = 100;
    const again = await world.process({ goBack: true });
    assert.deepEqual([again.outcome, world.weights, world.config], ["rolledBack", BEFORE, world.script.plan.before.config]);
  });

  it("can be taken back after its promotion", async () => {
    const world = new World({ plan: planOf([10]) });
    await world.process();
    const state = await world.process({ goBack: true });
    assert.deepEqual([state.outcome, world.weights, world.config], ["rolledBack", BEFORE, world.script.plan.before.config]);
  });

  it("does not hold the time without a process against the step when it is resumed, but against the whole run", async () => {
    for (const [away, outcome] of [[1000, "promoted"], [4000, "rolledBack"]] as const) {
      const world = new World({ plan: planOf([10, 50]) });
      await assert.rejects(world.process({ killAt: 12 }), Killed);
      await world.clock.sleep(away * 1000);
      assert.equal((await world.process()).outcome, outcome);
    }
  });

  it("is ended by a person or by the system while an up runs: it is cancelled, then taken back", async () => {
    for (const why of ["person", "terminated"] as const) {
      const world = new World({ plan: planOf([10, 50]), up: (count) => ({ seconds: count === 2 ? 250 : 2 }) });
      const state = await world.process({
        during: (runner) => void world.clock.sleep(60_000).then(() => runner.abort(why, "SIGINT")),
      });
      assert.deepEqual([state.outcome, state.rollback?.reason, world.weights, world.config], ["rolledBack", why, BEFORE, world.script.plan.before.config]);
    }
  });

  it("hears people from other processes: abort, promote, refuse", async () => {
    const aborted = new World({ plan: planOf([10, 50]) });
    await aborted.process({ during: () => void aborted.clock.sleep(20_000).then(() => aborted.writeBeside({ type: "asked", what: "abort", by: "eve" })) });
    assert.equal(only(aborted.events, "rolledBack")[0].reason, "person");
    const promoted = new World({ plan: planOf([10, 50]), verdict: () => "undecided" });
    const state = await promoted.process({ during: () => void promoted.clock.sleep(20_000).then(() => promoted.writeBeside({ type: "asked", what: "promote", by: "eve" })) });
    assert.equal(state.outcome, "promoted");
    assert.deepEqual(only(promoted.events, "shifting").map(({ step }) => step), [0, 2]);
    const refused = new World({ plan: planOf([10, 50]) });
    await refused.process({ during: () => void refused.clock.sleep(20_000).then(() => refused.writeBeside({ type: "decided", gate: "good", step: 0, approved: false, by: "eve" })) });
    assert.match(only(refused.events, "rollingBack")[0].why, /eve refused good/);
  });

  describe("while it is paused", () => {
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
      const world = paused({ plan: planOf([10, 50]), verdict: () => (world.events.some(({ type }) => type === "paused") ? "failed" : "passed") }, 1000);
      assert.equal((await world.process()).outcome, "rolledBack");
      assert.ok(!typesOf(world.events).includes("resumed"));
    });

    it("is ended by the whole run's deadline", async () => {
      const world = paused({ plan: planOf([10, 50]) }, 100_000);
      const state = await world.process();
      assert.deepEqual([state.outcome, state.rollback?.reason], ["rolledBack", "deadline"]);
    });

    it("asks no gate before the next step", async () => {
      const world: World = new World({ plan: planOf([10], [gate("start")], { stepDeadlineSeconds: 60 }), verdict: () => (world.clock.now() - Date.parse(world.events[0].at) > 500_000 ? "passed" : "undecided") });
      void world.clock.sleep(15_000).then(() => world.writeBeside({ type: "paused", by: "eve" }));
      void world.clock.sleep(500_000).then(() => world.writeBeside({ type: "resumed", by: "eve" }));
      assert.equal((await world.process()).outcome, "promoted");
      const types = typesOf(world.events);
      assert.deepEqual(types.slice(types.indexOf("paused"), types.indexOf("resumed") + 1), ["paused", "resumed"]);
    });
  });
});

/** Worlds that go well or badly in one way, with generous deadlines: what happens depends on the weights in force alone. */
const scripts: fc.Arbitrary<Script> = fc
  .record({
    shares: fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 0, maxLength: 3 }).map((all) => all.sort((a, b) => a - b)),
    badFrom: fc.option(fc.integer({ min: 1, max: 99 })),
    how: fc.constantFrom<Verdict>("failed", "refused", "undecided"),
    moments: fc.subarray(["start", "step", "hold", "promotion"], { minLength: 1 }),
    brokenFrom: fc.option(fc.integer({ min: 1, max: 99 })),
    load: fc.constantFrom(0, 100),
  })
  .map(({ shares, badFrom, how, moments, brokenFrom, load }) => ({
    plan: planOf(shares, [{ name: "good", kind: "test", moments }], { stepDeadlineSeconds: 120, deadlineSeconds: 36_000 }),
    verdict: (_: string, { weights }) => (badFrom !== null && weights.v2 >= badFrom ? how : "passed"),
    up: (_: number, config) => (brokenFrom !== null && (config.weights as Record<string, number>).v2 >= brokenFrom ? { fails: "broken" as const } : {}),
    load,
  }));

describe("every run", function () {
  this.timeout("2m");

  it("ends in exactly one terminal event, with everything for the target or everything as before", async () => {
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const world = new World(script);
        const state = await world.process();
        assert.deepEqual(typesOf(world.events).filter((type) => TERMINAL.includes(type)), [state.outcome]);
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
        const had = world.shares.map(({ weights }) => weights.v2).filter((share, index, all) => share !== all[index - 1]);
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
          assert.deepEqual([state.outcome, state.rollback?.reason, world.weights, world.config], [outcome, rollback?.reason, calm.weights, calm.config], `killed at ${killAt}`);
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
