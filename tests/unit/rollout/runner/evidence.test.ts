import assert from "node:assert/strict";
import type { Happening } from "../../../../src/rollout/runner/event";
import { advance, fold } from "../../../../src/rollout/runner/state";
import { only } from "./events";
import { gateAt, planOf } from "./plans";
import { Killed, RUN, World } from "./world";

/** A world whose gate counts how often it was asked, by its evidence alone, and what it was given each time. */
function counting(skips: (times: number) => boolean = () => false) {
  const given: unknown[] = [];
  const world = new World({
    plan: planOf(
      [10, 50],
      [
        { ...gateAt("hold"), name: "counts" },
        { ...gateAt("hold"), name: "other" },
      ],
    ),
    evidence: (gate, { evidence }) => {
      if (gate === "other") {
        assert.equal(evidence, undefined, "another gate's evidence");
        return undefined;
      }
      given.push(evidence?.times);
      const times = ((evidence?.times as number | undefined) ?? 0) + 1;
      return skips(given.length) ? undefined : { times };
    },
  });
  return { world, given };
}

describe("what a gate has gathered", () => {
  it("comes back with its next question, in the next step too", async () => {
    const { world, given } = counting();
    await world.process();
    assert.ok(given.length > 5);
    assert.deepEqual(
      given,
      given.map((_, index) => (index === 0 ? undefined : index)),
    );
    const last = only(world.events, "sampled")
      .at(-1)
      ?.results.find(({ gate }) => gate === "counts");
    assert.deepEqual(last?.evidence, { times: given.length });
    assert.equal(only(world.events, "sampled").at(-1)?.step, 1);
  });

  it("is kept where an answer has none", async () => {
    const { world, given } = counting((time) => time === 3);
    await world.process();
    assert.deepEqual(given.slice(0, 5), [undefined, 1, 2, 2, 3]);
  });

  it("is dropped when a person resumes a run that the gate had paused, and no other gate's is", () => {
    const happenings: Happening[] = [
      { type: "started", plan: planOf([10]), by: "test" },
      {
        type: "sampled",
        step: 0,
        phase: "hold",
        results: ["failing", "good"].map((gate) => ({
          gate,
          verdict: gate === "good" ? "passed" : "failed",
          reason: "",
          metrics: {},
          evidence: { of: gate },
        })),
      },
      { type: "paused", by: "test", gate: "failing", why: "it failed" },
    ];
    const at = (happening: Happening, second: number) => ({
      ...happening,
      run: RUN,
      at: new Date(second * 1000).toISOString(),
    });
    const paused = fold(happenings.map(at));
    assert.deepEqual(paused?.evidence, { failing: { of: "failing" }, good: { of: "good" } });
    assert.deepEqual(advance(paused, at({ type: "resumed", by: "test" }, 10))?.evidence, { good: { of: "good" } });
  });

  it("goes on in another process", async () => {
    for (let killAt = 1; killAt < 200; killAt += 7) {
      const { world, given } = counting();
      await world.process({ killAt }).catch((error) => assert.ok(error instanceof Killed));
      await world.process();
      const told = only(world.events, "sampled").flatMap(({ results }) =>
        results.flatMap(({ evidence }) => (evidence === undefined ? [] : [evidence.times])),
      );
      assert.deepEqual(
        told,
        told.map((_, index) => index + 1),
        `killed at ${killAt}, asked ${given.length} times`,
      );
    }
  });
});
