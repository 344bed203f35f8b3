import assert from "node:assert/strict";
import type { Gate, GateInput, GateResult, Phase } from "../../../../src/rollout/gates/gate";
import { OpenQuestions } from "../../../../src/rollout/runner/openQuestions";
import { only } from "./events";
import { gateAt, planOf } from "./plans";
import { VirtualClock } from "./virtualClock";
import { World } from "./world";

const never = new AbortController().signal;

describe("questions to gates that take their time", () => {
  let clock: VirtualClock;
  let asked: string[];
  let ended: string[];

  beforeEach(() => {
    clock = new VirtualClock();
    asked = [];
    ended = [];
  });

  /** Answers after so many seconds. */
  const gate = (name: string, seconds: number): Gate => ({
    name,
    phases: ["hold"],
    ask: async (_, signal) => {
      asked.push(name);
      signal.addEventListener("abort", () => ended.push(name));
      await clock.sleep(seconds * 1000, signal);
      return { gate: name, verdict: "passed", reason: "", metrics: {} };
    },
  });
  const about = (name: string, phase: Phase = "hold", step = 0) => ({
    gate: name,
    input: { phase, step, now: clock.now() } as GateInput,
  });
  const said = (results: readonly GateResult[]) => results.map(({ gate: name, verdict }) => `${name} ${verdict}`);

  it("hold up no other gate longer than they may, and are not asked twice at once", async () => {
    const questions = new OpenQuestions([gate("slow", 40), gate("quick", 1)], clock);
    const began = clock.now();
    const ask = async () => said(await questions.ask([about("slow"), about("quick")], 15_000, never));
    assert.deepEqual(await ask(), ["slow inconclusive", "quick passed"]);
    assert.equal(Math.round((clock.now() - began) / 1000), 15);
    // The next time only the quick one is waited for.
    assert.deepEqual(await ask(), ["slow inconclusive", "quick passed"]);
    assert.equal(Math.round((clock.now() - began) / 1000), 16);
    await clock.sleep(30_000);
    assert.deepEqual(await ask(), ["slow passed", "quick passed"]);
    assert.deepEqual(
      asked.filter((name) => name === "slow"),
      ["slow"],
    );
    assert.deepEqual(ended, []);
  });

  it("say how long they have been open", async () => {
    const [{ reason }] = await new OpenQuestions([gate("slow", 40)], clock).ask([about("slow")], 15_000, never);
    assert.equal(reason, "no response yet, 15 s after it was asked");
  });

  it("are waited for where nothing else is asked", async () => {
    const questions = new OpenQuestions([gate("slow", 40)], clock);
    const began = clock.now();
    await questions.ask([about("slow")], 15_000, never);
    assert.deepEqual(said(await questions.ask([about("slow")], 100_000, never)), ["slow passed"]);
    assert.equal(Math.round((clock.now() - began) / 1000), 40);
  });

  it("are given up when they are stale, or the asking is", async () => {
    const questions = new OpenQuestions([gate("slow", 40)], clock);
    await questions.ask([about("slow", "step", 1)], 15_000, never);
    questions.drop(({ input: { step } }) => step === 2);
    assert.deepEqual(ended, []);
    questions.drop(({ input: { step } }) => step === 1);
    assert.deepEqual(ended, ["slow"]);
    const stop = new AbortController();
    const asking = questions.ask([about("slow", "step", 2)], 1e6, stop.signal);
    stop.abort();
    assert.deepEqual(said(await asking), ["slow inconclusive"]);
  });

  it("tell what a gate has thrown", async () => {
    const broken: Gate = { name: "broken", phases: ["hold"], ask: () => Promise.reject(new Error("no gate")) };
    await assert.rejects(new OpenQuestions([broken], clock).ask([about("broken")], 1000, never), /no gate/);
  });
});

describe("a run with a gate that takes its time", () => {
  const ERRORS = { ...gateAt("hold"), name: "errors" };

  for (const phase of ["promotion", "hold"] as const) {
    it(`goes back by another gate of the hold while that of the ${phase} thinks`, async () => {
      const slow = { ...gateAt(phase), name: "slow" };
      const made: World = new World({
        plan: planOf([50], [ERRORS, slow], { stepDeadlineSeconds: 7200, deadlineSeconds: 14_400 }),
        seconds: (gate) => (gate === "slow" ? 3600 : 0),
        verdict: (gate) =>
          gate === "errors" && made.clock.now() - Date.parse(made.events[0].at) > 600_000 ? "failed" : "passed",
      });
      const state = await made.process();
      assert.deepEqual([state.outcome, state.rollback?.reason], ["rolledBack", "gate"]);
      assert.match(state.rollback?.why ?? "", /^errors: /);
      assert.ok(made.clock.now() - Date.parse(made.events[0].at) < 700_000);
    });
  }

  it("takes its answer when it comes", async () => {
    const made: World = new World({
      plan: planOf([50], [ERRORS, { ...gateAt("promotion"), name: "slow" }], {
        stepDeadlineSeconds: 7200,
        deadlineSeconds: 14_400,
      }),
      seconds: (gate) => (gate === "slow" ? 600 : 0),
    });
    assert.equal((await made.process()).outcome, "promoted");
    const seconds =
      (Date.parse(only(made.events, "shifting")[1].at) - Date.parse(only(made.events, "held")[0].at)) / 1000;
    assert.ok(seconds >= 600 && seconds < 625, `${seconds} s`);
  });
});
