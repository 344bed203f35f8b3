import assert from "node:assert/strict";
import type { Verdict } from "../../../../src/rollout/gates/gate";
import { only, typesOf } from "./events";
import { BEFORE, gateAt, planOf, PROMOTED } from "./plans";
import { Killed, World } from "./world";

describe("the runner", () => {
  it("goes through all steps in order and promotes", async () => {
    const world = new World({ plan: planOf([10, 50]), load: 1000 });
    const state = await world.process();
    assert.equal(state.outcome, "promoted");
    assert.deepEqual(world.weights, PROMOTED);
    assert.deepEqual(
      only(world.events, "shifting").map(({ step, weights }) => [step, weights.v2]),
      [
        [0, 10],
        [1, 50],
        [2, 100],
      ],
    );
    assert.deepEqual(
      only(world.events, "converged").map(({ actual }) => actual?.v2),
      [10, 50, 100],
    );
    assert.deepEqual(typesOf(world.events.slice(-4)), ["shifting", "shifted", "converged", "promoted"]);
  });

  it("samples at the end of a hold at the latest, and holds as long as planned", async () => {
    const world = new World({ plan: planOf([10], undefined, { intervalSeconds: 20 }) });
    await world.process();
    const [followed, held] = [only(world.events, "converged")[0], only(world.events, "held")[0]];
    assert.ok(Date.parse(held.at) - Date.parse(followed.at) >= 30_000);
    assert.equal(only(world.events, "sampled").length, 2);
  });

  it("lets no time pass at a step that is held for 0 s, unless a gate has not passed", async () => {
    const plan = planOf([10, 50]);
    const steps = plan.steps.map((step) => ({ ...step, holdSeconds: 0 }));
    const secondsHeld = async (verdicts: Verdict[]) => {
      const world = new World({ plan: { ...plan, steps }, verdict: () => verdicts.shift() ?? "passed" });
      await world.process();
      const held = only(world.events, "held");
      return only(world.events, "converged")
        .slice(0, held.length)
        .map(({ at }, step) => (Date.parse(held[step].at) - Date.parse(at)) / 1000);
    };
    assert.deepEqual(await secondsHeld([]), [0, 0]);
    assert.deepEqual(await secondsHeld(["passed", "inconclusive"]), [0, plan.limits.intervalSeconds]);
  });

  it("counts what users saw, and tells it at the end", async () => {
    const world = new World({ plan: planOf([10, 50]), failing: { v2: 0.5 } });
    await world.process();
    const { users } = only(world.events, "promoted")[0];
    const whole = await world.traffic({
      from: Date.parse(world.events[0].at),
      to: Date.parse(world.events.at(-1)!.at),
    });
    assert.equal(users?.requests, whole.v1.requests + whole.v2.requests);
    assert.equal(users?.failures, whole.v2.failures);
  });

  it("rolls back at once when a gate refuses, and after the threshold of failures otherwise", async () => {
    for (const [verdict, samples] of [
      ["rejected", 1],
      ["failed", 2],
    ] as const) {
      const world = new World({
        plan: planOf([10, 50]),
        verdict: (_, { weights }) => (weights.v2 === 50 ? verdict : "passed"),
      });
      const state = await world.process();
      assert.deepEqual(
        [state.outcome, state.rollback?.reason, world.weights, world.config],
        ["rolledBack", "gate", BEFORE, world.script.plan.before.config],
      );
      assert.equal(only(world.events, "sampled").filter(({ step }) => step === 1).length, samples);
      assert.match(only(world.events, "rollingBack")[0].why, /good: scripted as/);
    }
  });

  it("does not let an inconclusive gate pass: the step's deadline ends the run, and says what was waited for", async () => {
    const world = new World({ plan: planOf([10]), verdict: () => "inconclusive" });
    const state = await world.process();
    assert.deepEqual([state.outcome, state.rollback?.reason, world.weights], ["rolledBack", "deadline", BEFORE]);
    assert.match(
      state.rollback?.why ?? "",
      /step 1 \(10%\) took longer than 300 s; last: good: scripted as inconclusive/,
    );
  });

  it("lets failures in a row stand while a gate is inconclusive, and forgets them when it passes", async () => {
    const said: Verdict[] = ["failed", "passed", "failed", "inconclusive", "failed"];
    let count = 0;
    const world = new World({
      plan: planOf([10], undefined, { intervalSeconds: 1 }),
      verdict: () => said[Math.min(count++, said.length - 1)],
    });
    const state = await world.process();
    assert.deepEqual([state.outcome, count], ["rolledBack", 5]);
  });

  it("changes nothing if a gate before the start refuses: no up at all", async () => {
    const world = new World({ plan: planOf([10], [gateAt("start")]), verdict: () => "rejected" });
    const state = await world.process();
    assert.deepEqual([state.outcome, world.ups, world.config], ["rolledBack", 0, world.script.plan.before.config]);
  });

  it("asks each gate at its phases, with the step it is about", async () => {
    const asked: string[] = [];
    const plan = planOf([10, 50], [gateAt("start"), gateAt("step"), gateAt("promotion")]);
    const world = new World({
      plan,
      verdict: (name, { phase, step }) => (asked.push(`${name} ${phase} ${step}`), "passed"),
    });
    await world.process();
    assert.deepEqual(asked, ["start start -1", "step step 0", "step step 1", "promotion promotion 2"]);
  });

  it("asks a gate again that has not passed, but not those that have", async () => {
    const asked: string[] = [];
    const plan = planOf(
      [10],
      [
        { ...gateAt("start"), name: "a" },
        { ...gateAt("start"), name: "b" },
      ],
    );
    const world = new World({
      plan,
      verdict: (name) => (asked.push(name), name === "b" && asked.length < 4 ? "inconclusive" : "passed"),
    });
    assert.equal((await world.process()).outcome, "promoted");
    assert.deepEqual(asked, ["a", "b", "b", "b"]);
  });

  it("goes on unverified when there are too few requests, and says so", async () => {
    const world = new World({ plan: planOf([10]), load: 0 });
    assert.equal((await world.process()).outcome, "promoted");
    assert.match(only(world.events, "converged")[0].unverified ?? "", /no requests within 30 s/);
  });

  it("goes on when the source cannot be asked, and says why: to judge that is the gates' affair", async () => {
    const world = new World({ plan: planOf([10]), sourceFails: "nobody there" });
    assert.equal((await world.process()).outcome, "promoted");
    assert.equal(only(world.events, "converged")[0].unverified, "nobody there");
    assert.equal(only(world.events, "promoted")[0].users, undefined);
  });

  it("tries an up again while its trouble may pass, and rolls back at once when it is broken", async () => {
    const passing = new World({
      plan: planOf([10]),
      up: (count) => (count >= 1 && count <= 3 ? { fails: "passing" } : {}),
    });
    assert.equal((await passing.process()).outcome, "promoted");
    assert.equal(only(passing.events, "logged").filter(({ level }) => level === "warning").length, 3);
    const broken = new World({ plan: planOf([10]), up: (count) => (count === 1 ? { fails: "broken" } : {}) });
    const state = await broken.process();
    assert.deepEqual(
      [state.outcome, state.rollback?.reason, broken.weights, broken.ups],
      ["rolledBack", "failure", BEFORE, 3],
    );
  });

  it("brings the stack up before it shifts: a failure then costs no request, and needs no rollback", async () => {
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

  it("fails when the rollback does not succeed within its deadline, and can be continued", async () => {
    const world = new World({
      plan: planOf([10]),
      verdict: () => "rejected",
      up: (count) => (count >= 2 && count < 100 ? { fails: "passing" } : {}),
    });
    const state = await world.process();
    assert.equal(state.outcome, "failed");
    assert.match(state.failure ?? "", /did not succeed within 600 s; last: the rollback is retried: the up failed/);
    world.ups = 100;
    const again = await world.process({ goBack: true });
    assert.deepEqual(
      [again.outcome, world.weights, world.config],
      ["rolledBack", BEFORE, world.script.plan.before.config],
    );
  });

  it("can be taken back after its promotion", async () => {
    const world = new World({ plan: planOf([10]) });
    await world.process();
    const state = await world.process({ goBack: true });
    assert.deepEqual(
      [state.outcome, world.weights, world.config],
      ["rolledBack", BEFORE, world.script.plan.before.config],
    );
  });

  it("does not hold the time without a process against the step when it is resumed, but against the whole run", async () => {
    for (const [away, outcome] of [
      [1000, "promoted"],
      [4000, "rolledBack"],
    ] as const) {
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
      assert.deepEqual(
        [state.outcome, state.rollback?.reason, world.weights, world.config],
        ["rolledBack", why, BEFORE, world.script.plan.before.config],
      );
    }
  });

  it("hears people from other processes: abort, promote, reject", async () => {
    const aborted = new World({ plan: planOf([10, 50]) });
    await aborted.process({
      during: () =>
        void aborted.clock
          .sleep(20_000)
          .then(() => aborted.writeBeside({ type: "commanded", command: "abort", by: "eve" })),
    });
    assert.equal(only(aborted.events, "rolledBack")[0].reason, "person");
    const promoted = new World({ plan: planOf([10, 50]), verdict: () => "inconclusive" });
    const state = await promoted.process({
      during: () =>
        void promoted.clock
          .sleep(20_000)
          .then(() => promoted.writeBeside({ type: "commanded", command: "promote", by: "eve" })),
    });
    assert.equal(state.outcome, "promoted");
    assert.deepEqual(
      only(promoted.events, "shifting").map(({ step }) => step),
      [0, 2],
    );
    const rejected = new World({ plan: planOf([10, 50]) });
    await rejected.process({
      during: () =>
        void rejected.clock
          .sleep(20_000)
          .then(() => rejected.writeBeside({ type: "decided", gate: "good", step: 0, approved: false, by: "eve" })),
    });
    assert.match(only(rejected.events, "rollingBack")[0].why, /eve rejected good/);
  });
});
