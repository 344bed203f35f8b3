import assert from "node:assert/strict";
import type { GateInput, Verdict } from "../../../../src/rollout/gates/gate";
import type { Plan } from "../../../../src/rollout/plan/plan";
import type { Happening } from "../../../../src/rollout/runner/event";
import { only, TERMINAL, typesOf } from "./events";
import { BEFORE, gateAt, planOf, PROMOTED } from "./plans";
import { World } from "./world";

const ERRORS = { ...gateAt("hold"), name: "errors" };
const DAY: Partial<Plan["limits"]> = { deadlineSeconds: 24 * 3600 };

/** A run in which a person does something so long after a gate has paused it. */
function answered(
  plan: Plan,
  verdict: (world: World, gate: string, input: GateInput) => Verdict,
  ...answers: [afterSeconds: number, Happening][]
): World {
  const made: World = new World({ plan, verdict: (gate, input) => verdict(made, gate, input) });
  let told = 0;
  void (async () => {
    for (const [seconds, happening] of answers) {
      while (only(made.events, "paused").length <= told) {
        if (TERMINAL.includes(made.events.at(-1)?.type ?? "")) {
          return;
        }
        await made.clock.sleep(1000);
      }
      told = only(made.events, "paused").length;
      await made.clock.sleep(seconds * 1000);
      made.writeBeside(happening);
    }
  })();
  return made;
}

const failsAt50 = (_: World, __: string, { weights }: GateInput): Verdict => (weights.v2 === 50 ? "failed" : "passed");

describe("a gate that fails and is to pause the run", () => {
  const plan = planOf([10, 50], [ERRORS], { ...DAY, onFailure: "pause" });

  it("keeps the weights, says which gate and why, and does so once", async () => {
    const made = answered(plan, failsAt50, [3000, { type: "commanded", command: "abort", by: "eve" }]);
    const state = await made.process();
    assert.deepEqual([state.outcome, state.rollback?.reason, made.weights], ["rolledBack", "person", BEFORE]);
    const [paused, ...more] = only(made.events, "paused");
    assert.deepEqual([paused.gate, paused.why, more], ["errors", "scripted as failed", []]);
    const between = made.events.slice(
      typesOf(made.events).indexOf("paused") + 1,
      typesOf(made.events).indexOf("commanded"),
    );
    assert.deepEqual([...new Set(typesOf(between))], ["sampled"], "and its gates are asked on and on");
    assert.ok(between.length > 250);
    const failed = only(made.events, "sampled").filter(
      ({ at, results }) => at <= paused.at && results.some(({ verdict }) => verdict === "failed"),
    );
    assert.equal(failed.length, plan.limits.failureThreshold);
  });

  it("is judged anew when a person resumes the run: by what it counts from then on", async () => {
    const since: number[] = [];
    const made = answered(
      plan,
      (world, gate, input) => {
        since.push(input.since);
        return typesOf(world.events).includes("resumed") ? "passed" : failsAt50(world, gate, input);
      },
      [3000, { type: "resumed", by: "eve" }],
    );
    const state = await made.process();
    assert.deepEqual([state.outcome, made.weights, state.failedGates], ["promoted", PROMOTED, []]);
    assert.equal(Math.max(...since), Date.parse(only(made.events, "resumed")[0].at));
  });

  it("does not count an answer to a question from before a person resumed the run", async () => {
    let isResumed = false;
    const made: World = new World({
      plan,
      verdict: (gate, input) => {
        if (!isResumed && typesOf(made.events).includes("paused")) {
          isResumed = true;
          made.writeBeside({ type: "resumed", by: "eve" });
          return "failed";
        }
        return isResumed ? "passed" : failsAt50(made, gate, input);
      },
    });
    assert.equal((await made.process()).outcome, "promoted");
    const after = made.events.slice(typesOf(made.events).indexOf("resumed") + 1);
    assert.deepEqual(only(after, "sampled")[0].results, []);
  });

  it("pauses it again when it fails as often again", async () => {
    const made = answered(
      plan,
      failsAt50,
      [100, { type: "resumed", by: "eve" }],
      [100, { type: "commanded", command: "promote", by: "eve" }],
    );
    assert.equal((await made.process()).outcome, "promoted");
    const [first, second, ...more] = only(made.events, "paused");
    assert.deepEqual(more, []);
    const resumed = only(made.events, "resumed")[0];
    assert.ok(first.at < resumed.at && resumed.at < second.at);
    const between = only(made.events, "sampled").filter(({ at }) => at > resumed.at && at <= second.at);
    assert.equal(between.length, plan.limits.failureThreshold);
    assert.deepEqual(
      only(made.events, "shifting").map(({ step }) => step),
      [0, 1, 2],
    );
  });

  it("lets the run's deadline end it, if nobody decides, but not the step's", async () => {
    const made = answered(planOf([10, 50], [ERRORS], { deadlineSeconds: 7200, onFailure: "pause" }), failsAt50);
    const state = await made.process();
    assert.deepEqual([state.outcome, state.rollback?.reason, made.weights], ["rolledBack", "deadline", BEFORE]);
    assert.match(state.rollback?.why ?? "", /the run took longer than 7200 s; last: errors: scripted as failed/);
  });

  it("has its own choice go over the limits', both ways", async () => {
    const two = (own: "rollBack" | "pause", ofLimits: "rollBack" | "pause") =>
      planOf(
        [50],
        [
          { ...ERRORS, onFailure: own },
          { ...gateAt("hold"), name: "other" },
        ],
        { ...DAY, onFailure: ofLimits },
      );
    const back = answered(two("rollBack", "pause"), (_, gate) => (gate === "errors" ? "failed" : "passed"));
    assert.deepEqual([(await back.process()).rollback?.reason, only(back.events, "paused")], ["gate", []]);
    const both = answered(two("pause", "rollBack"), (world, gate) =>
      gate === "errors" || only(world.events, "paused").length > 0 ? "failed" : "passed",
    );
    const state = await both.process();
    assert.deepEqual([state.rollback?.reason, only(both.events, "paused").length], ["gate", 1]);
    assert.match(state.rollback?.why ?? "", /^other: /);
  });

  it("pauses it before anything is changed and before a promotion, too, and while an approval is awaited", async () => {
    for (const phase of ["start", "step", "promotion"]) {
      const made = answered(
        planOf([50], [gateAt(phase)], { ...DAY, onFailure: "pause" }),
        (world) => (typesOf(world.events).includes("resumed") ? "passed" : "failed"),
        [3000, { type: "resumed", by: "eve" }],
      );
      assert.equal((await made.process()).outcome, "promoted", phase);
      const paused = typesOf(made.events).indexOf("paused");
      assert.deepEqual(typesOf(made.events.slice(paused, paused + 2)), ["paused", "resumed"], phase);
    }
    const waiting = answered(
      planOf([50], [ERRORS, gateAt("promotion")], { ...DAY, onFailure: "pause" }),
      (world, gate) =>
        gate === "promotion" ? "inconclusive" : typesOf(world.events).includes("held") ? "failed" : "passed",
      [100, { type: "commanded", command: "promote", by: "eve" }],
    );
    const state = await waiting.process();
    assert.deepEqual([state.outcome, only(waiting.events, "paused")[0].gate], ["promoted", "errors"]);
  });

  it("still ends it at once where it says no for good", async () => {
    const made = answered(plan, (_, __, { weights }) => (weights.v2 === 50 ? "rejected" : "passed"));
    assert.deepEqual([(await made.process()).rollback?.reason, only(made.events, "paused")], ["gate", []]);
  });

  it("is told though a person has paused the run before", async () => {
    const made: World = new World({
      plan,
      verdict: () => (typesOf(made.events).includes("paused") ? "failed" : "passed"),
    });
    void made.clock.sleep(15_000).then(() => made.writeBeside({ type: "paused", by: "ann" }));
    void made.clock.sleep(500_000).then(() => made.writeBeside({ type: "commanded", command: "abort", by: "ann" }));
    const state = await made.process();
    assert.deepEqual(
      only(made.events, "paused").map(({ by, gate }) => [by, gate]),
      [
        ["ann", undefined],
        ["test", "errors"],
      ],
    );
    assert.equal(state.outcome, "rolledBack");
  });
});
