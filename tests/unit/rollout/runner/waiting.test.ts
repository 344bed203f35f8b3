import assert from "node:assert/strict";
import type { GateInput, Verdict } from "../../../../src/rollout/gates/gate";
import type { Plan } from "../../../../src/rollout/plan/plan";
import { fold } from "../../../../src/rollout/runner/state";
import { only, typesOf } from "./events";
import { BEFORE, gateAt, planOf } from "./plans";
import { type Script, World } from "./world";

const ERRORS = { ...gateAt("hold"), name: "errors" };
const HOURS: Partial<Plan["limits"]> = {
  failureThreshold: 3,
  stepDeadlineSeconds: 12 * 3600,
  deadlineSeconds: 24 * 3600,
};

/** A run of one step at 50% and these gates, in which the target's gate says this from some time on. */
function world(gates: Plan["gates"], verdict: (world: World, gate: string, input: GateInput) => Verdict): World {
  const script: Script = {
    plan: planOf([50], gates, HOURS),
    verdict: (gate, input) => verdict(made, gate, input),
  };
  const made: World = new World(script);
  return made;
}

function secondsSince(made: World, type: "held" | "paused" | "shifted"): number {
  const event = only(made.events, type).at(-1);
  return event === undefined ? Number.NEGATIVE_INFINITY : (made.clock.now() - Date.parse(event.at)) / 1000;
}

describe("a run that waits", () => {
  for (const phase of ["promotion", "step"] as const) {
    it(`goes back by a gate of the hold while a person's approval is awaited before a ${phase}`, async () => {
      const go = { ...gateAt(phase), name: "go" };
      const shares = phase === "promotion" ? [50] : [20, 50];
      const made: World = new World({
        plan: planOf(shares, [ERRORS, go], HOURS),
        verdict: (gate, { step }) =>
          gate === "go"
            ? step === 0
              ? "passed"
              : "inconclusive"
            : secondsSince(made, "held") > 1200
              ? "failed"
              : "passed",
      });
      const state = await made.process();
      assert.deepEqual([state.outcome, state.rollback?.reason, made.weights], ["rolledBack", "gate", BEFORE]);
      assert.match(state.rollback?.why ?? "", /errors: scripted as failed/);
      // Twenty minutes that went well, then three failures in a row, every 10 s.
      assert.ok(secondsSince(made, "held") > 1200 && secondsSince(made, "held") < 1300);
      const asked = only(made.events, "sampled").filter((event) => event.step === 0 && event.phase === "hold");
      assert.ok(asked.length > 115, `${asked.length} samples of the shares in force`);
    });
  }

  it("counts requests once for all gates that are asked at a time, and tells the step that they belong to", async () => {
    const go = { ...gateAt("promotion"), name: "go" };
    const made = world([ERRORS, go], (each, gate) =>
      gate === "go" && secondsSince(each, "held") < 600 ? "inconclusive" : "passed",
    );
    const questions: GateInput[] = [];
    const { verdict } = made.script;
    made.script.verdict = (gate, input) => (
      gate === "errors" && questions.push(input),
      verdict?.(gate, input) ?? "passed"
    );
    assert.equal((await made.process()).outcome, "promoted");
    assert.ok(questions.every(({ step, weights, phase }) => step === 0 && weights.v2 === 50 && phase === "hold"));
    const waited = only(made.events, "sampled").filter(({ at }) => at > only(made.events, "held")[0].at);
    const pairs = waited.filter(({ phase }) => phase === "hold");
    assert.ok(pairs.length >= 59, `${pairs.length} samples`);
    assert.ok(pairs.every(({ traffic }) => (traffic?.v2.requests ?? 0) > 400));
    const { users } = only(made.events, "promoted")[0];
    const [from, to] = [made.events[0].at, made.events.at(-1)!.at].map(Date.parse);
    const { v1, v2 } = await made.traffic({ from, to });
    assert.ok(Math.abs((users?.requests ?? 0) - v1.requests - v2.requests) <= waited.length);
  });

  it("does not go on by an approval while a gate of the hold has not passed again", async () => {
    const go = { ...gateAt("promotion"), name: "go" };
    const made = world([ERRORS, go], (each, gate) =>
      gate === "go"
        ? secondsSince(each, "held") < 95
          ? "inconclusive"
          : "passed"
        : secondsSince(each, "held") > 80 && secondsSince(each, "held") < 300
          ? "inconclusive"
          : "passed",
    );
    assert.equal((await made.process()).outcome, "promoted");
    const promotion = only(made.events, "shifting")[1];
    const seconds = (Date.parse(promotion.at) - Date.parse(only(made.events, "held")[0].at)) / 1000;
    assert.ok(seconds >= 300 && seconds < 320, `${seconds} s`);
  });

  it("goes back by a gate of the hold while it is paused before a step", async () => {
    const made = world([ERRORS, gateAt("promotion")], (each, gate) =>
      gate === "errors"
        ? secondsSince(each, "paused") > 1000
          ? "failed"
          : "passed"
        : secondsSince(each, "held") > 15
          ? "passed"
          : "inconclusive",
    );
    // Held from about 36 s on, and then waiting for the gate of the promotion.
    void made.clock.sleep(45_000).then(() => made.writeBeside({ type: "paused", by: "eve" }));
    const state = await made.process();
    assert.ok(typesOf(made.events).indexOf("held") < typesOf(made.events).indexOf("paused"));
    assert.deepEqual([state.outcome, state.rollback?.reason], ["rolledBack", "gate"]);
    assert.ok(secondsSince(made, "paused") < 1100);
  });

  it("goes back by a gate of the hold while it looks in vain for the traffic to follow", async () => {
    const made: World = new World({
      plan: planOf([50], [ERRORS], { ...HOURS, convergenceTimeoutSeconds: 3600 }),
      verdict: () => (secondsSince(made, "shifted") > 100 ? "failed" : "passed"),
      sourceFails: "nobody there",
    });
    const state = await made.process();
    assert.deepEqual([state.outcome, state.rollback?.reason], ["rolledBack", "gate"]);
    assert.ok(!typesOf(made.events).includes("converged"));
    assert.ok(secondsSince(made, "shifted") < 200);
  });

  it("follows the traffic as long as it may, however often gates are asked meanwhile", async () => {
    const made = new World({ plan: planOf([50], [ERRORS], { convergenceTimeoutSeconds: 65 }), load: 0 });
    assert.equal((await made.process()).outcome, "promoted");
    const [shifted, converged] = [only(made.events, "shifted")[0], only(made.events, "converged")[0]];
    assert.equal(Math.round((Date.parse(converged.at) - Date.parse(shifted.at)) / 1000), 65);
    assert.match(converged.unverified ?? "", /no requests within 65 s/);
    const between = only(made.events, "sampled").filter(({ at }) => at > shifted.at && at < converged.at);
    assert.equal(between.length, 6);
  });

  it("goes back by a gate of the hold while the next step's up is tried again and again", async () => {
    const made: World = new World({
      plan: planOf([20, 50], [ERRORS], HOURS),
      up: (count) => (count >= 2 && count < 200 ? { fails: "passing" } : {}),
      verdict: () => (made.ups > 5 ? "failed" : "passed"),
    });
    void made.clock.sleep(250_000).then(() => (made.ups = 200));
    const state = await made.process();
    assert.deepEqual([state.outcome, state.rollback?.reason], ["rolledBack", "gate"]);
    assert.ok(only(made.events, "sampled").at(-1)?.step === 0, "what is in force is still the first step");
    assert.ok(Date.parse(only(made.events, "rollingBack")[0].at) - Date.parse(made.events[0].at) < 300_000);
  });

  it("does not try the next step's up again while a failed gate has paused it", async () => {
    const made: World = new World({
      plan: planOf([20, 50], [ERRORS], { ...HOURS, onFailure: "pause" }),
      up: (count) => (count >= 2 && only(made.events, "paused").length === 0 ? { fails: "passing" } : {}),
      verdict: () => (made.ups > 5 ? "failed" : "passed"),
    });
    void made.clock.sleep(3_000_000).then(() => made.writeBeside({ type: "commanded", command: "abort", by: "eve" }));
    const state = await made.process();
    assert.deepEqual([state.outcome, state.rollback?.reason], ["rolledBack", "person"]);
    assert.equal(only(made.events, "paused")[0].gate, "errors");
    assert.deepEqual(
      only(made.events, "shifted").map(({ step }) => step),
      [0],
      "the weights stay, and a person decides",
    );
  });

  it("is promoted by a person between two attempts of a step's up, without asking gates on and on", async () => {
    const made: World = new World({
      plan: planOf([20, 50], [ERRORS], HOURS),
      up: (count) => (count >= 2 && count < 20 ? { fails: "passing" } : {}),
      verdict: () => "passed",
    });
    void (async () => {
      while (made.ups < 6) {
        await made.clock.sleep(1000);
      }
      made.writeBeside({ type: "commanded", command: "promote", by: "eve" });
    })();
    assert.equal((await made.process()).outcome, "promoted");
    assert.ok(only(made.events, "sampled").length < 60);
  });

  it("has no gates of the hold before its first shift, and none once the target has everything", async () => {
    const asked: string[] = [];
    const made: World = new World({
      plan: planOf([50], [ERRORS, gateAt("start")], { convergenceTimeoutSeconds: 100 }),
      load: 0,
      verdict: (gate, { weights }) => {
        asked.push(`${gate} ${weights.v2}`);
        return gate === "start" && made.clock.now() - Date.parse(made.events[0].at) < 100_000
          ? "inconclusive"
          : "passed";
      },
    });
    assert.equal((await made.process()).outcome, "promoted");
    assert.deepEqual([...new Set(asked)], ["start 0", "errors 50"]);
  });

  it("is promoted by a person while it waits for an approval of the promotion", async () => {
    const made = world([{ ...gateAt("promotion"), name: "go" }], () => "inconclusive");
    void made.clock.sleep(600_000).then(() => made.writeBeside({ type: "commanded", command: "promote", by: "eve" }));
    assert.equal((await made.process()).outcome, "promoted");
    assert.ok(made.clock.now() - Date.parse(made.events[0].at) < 700_000);
  });

  it("has copies of requests in what users saw neither while it waits after they were sent", () => {
    const plan = planOf([50]);
    const mirrored: Plan = { ...plan, steps: [{ ...plan.steps[0], weights: BEFORE, trial: "mirrored" }] };
    const at = (seconds: number) => new Date(1.8e12 + seconds * 1000).toISOString();
    const traffic = { v1: { requests: 100, failures: 1 }, v2: { requests: 90, failures: 90 } };
    const state = fold([
      { run: "r", at: at(0), type: "started", plan: mirrored, by: "ada" },
      { run: "r", at: at(1), type: "shifting", step: 0, name: "mirror", weights: BEFORE },
      { run: "r", at: at(2), type: "shifted", step: 0, seconds: 1 },
      { run: "r", at: at(3), type: "converged", step: 0, seconds: 1 },
      { run: "r", at: at(33), type: "held", step: 0 },
      { run: "r", at: at(43), type: "sampled", step: 1, phase: "promotion", results: [], traffic },
    ]);
    assert.deepEqual(state?.counted, { requests: 100, failures: 1 });
  });
});
