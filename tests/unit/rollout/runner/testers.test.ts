import assert from "node:assert/strict";
import type { Verdict } from "../../../../src/rollout/gates/gate";
import type { Span } from "../../../../src/rollout/metrics/source";
import { reportMarkdown } from "../../../../src/rollout/report/markdown";
import { sentence } from "../../../../src/rollout/report/sentence";
import { buildTimeline } from "../../../../src/rollout/report/timeline";
import { only, typesOf } from "./events";
import { BEFORE, planOf, PROMOTED, withTesters } from "./plans";
import { World } from "./world";

const AFTER_PROMOTION = { weights: PROMOTED, routes: null };
const AS_BEFORE = { weights: BEFORE, routes: null };

/** The cluster's states in order: the target's share, and whether testers go to it. */
function statesOf({ shares }: World): [share: number, isMatched: boolean][] {
  return shares.map(({ weights, isMatched = false }) => [weights.v2, isMatched]);
}

describe("a canary with testers", () => {
  for (const testers of [0, 0.001, 0.3, 0.9]) {
    it(`verifies each share beside ${100 * testers}% of the requests that match`, async () => {
      const world = new World({ plan: withTesters(planOf([10, 50])), load: 1000, testers });
      const state = await world.process();
      assert.equal(state.outcome, "promoted");
      assert.deepEqual(statesOf(world), [
        [0, false],
        [0, false],
        [0, true],
        [10, true],
        [50, true],
        [100, false],
      ]);
      assert.deepEqual(world.config, AFTER_PROMOTION);
      const [first, ...others] = only(world.events, "converged");
      assert.equal(first.unverified, "the weights did not change");
      others.forEach(({ unverified, seconds, matched = NaN, actual = {} }, index) => {
        assert.equal(unverified, undefined);
        assert.ok(seconds < 15, `${seconds} s`);
        assert.ok(Math.abs(matched - 100 * testers) < 1, `${matched}%`);
        const weight = [10, 50, 100][index];
        const expected = weight === 100 ? 100 : weight * (1 - testers) + 100 * testers;
        assert.ok(Math.abs(actual.v2 - expected) < 1, `${actual.v2}%`);
      });
      assert.match(
        sentence(others[0], world.script.plan),
        new RegExp(`^10%: converged after .*: v1 [\\d.]+, v2 [\\d.]+ \\(about [\\d.]+% of the requests match\\)$`),
      );
      assert.match(
        reportMarkdown(buildTimeline(world.events)),
        /10% \| converged \| after .*; about [\d.]+% of the requests match/,
      );
    });
  }

  it("goes on where nobody but testers calls, without a share that it could see", async () => {
    const world = new World({ plan: withTesters(planOf([10, 50])), testers: 1 });
    const state = await world.process();
    assert.equal(state.outcome, "promoted");
    const [, tenth] = only(world.events, "converged");
    assert.match(tenth.unverified ?? "", /the shares of \d+ requests within 30 s do not match/);
    assert.equal(tenth.seconds, 30);
    const told = sentence(tenth, world.script.plan);
    assert.match(told, /^10%: convergence not verified: the shares of .* \(v1 0, v2 100\)$/);
    assert.match(reportMarkdown(buildTimeline(world.events)), /10% \| converged \| unverified: the shares of/);
  });

  it("says that it does not know where requests came only after the change", async () => {
    class Late extends World {
      override traffic({ from, to }: Span) {
        const since = this.shares[3]?.at ?? Infinity; // the first share's
        return super.traffic({ from: Math.max(from, Math.min(since, to)), to });
      }
    }
    const world = new Late({ plan: withTesters(planOf([10])), testers: 0.3 });
    const state = await world.process();
    assert.equal(state.outcome, "promoted");
    const [, tenth] = only(world.events, "converged");
    assert.match(tenth.unverified ?? "", /no requests were counted before the change, which tell how many match/);
  });

  it("does not wait for gates that too few testers could decide, but is sent back by one that fails", async () => {
    const run = async (atTesters: Verdict, afterwards: Verdict = "passed") => {
      const world = new World({
        plan: withTesters(planOf([10])),
        testers: 0.3,
        verdict: (_, { weights }) => (weights.v2 === 0 ? atTesters : afterwards),
      });
      return { world, state: await world.process() };
    };
    const undecided = await run("inconclusive");
    assert.equal(undecided.state.outcome, "promoted");
    const [held] = only(undecided.world.events, "held");
    assert.equal(sentence(held, undecided.world.script.plan), "matched requests: held, no gate failed");

    const failed = await run("failed");
    assert.deepEqual([failed.state.outcome, failed.state.rollback?.reason], ["rolledBack", "gate"]);
    assert.deepEqual(failed.world.config, AS_BEFORE);
    assert.ok(statesOf(failed.world).every(([share]) => share === 0));

    const neverDecided = await run("inconclusive", "inconclusive");
    assert.deepEqual([neverDecided.state.outcome, neverDecided.state.rollback?.reason], ["rolledBack", "deadline"]);
    assert.ok(
      statesOf(neverDecided.world).every(([share]) => share <= 10),
      "shares are judged as ever",
    );
  });

  it("removes their routes in a rollback from any step", async () => {
    for (const badFrom of [0, 10, 50]) {
      const world = new World({
        plan: withTesters(planOf([10, 50])),
        testers: 0.3,
        verdict: (_, { weights }) => (weights.v2 >= badFrom ? "failed" : "passed"),
      });
      assert.equal((await world.process()).outcome, "rolledBack");
      assert.deepEqual([world.config, statesOf(world).at(-1)], [AS_BEFORE, [0, false]]);
    }
  });

  it("keeps them, and ends the same, whichever of its deeds it is killed at", async () => {
    const script = { plan: withTesters(planOf([10])), testers: 0.3, load: 1000 };
    const calm = new World(script);
    await calm.process();
    for (let killAt = 1; killAt <= calm.deeds; killAt++) {
      const world = new World(script);
      const state = await world.processes([killAt]);
      assert.deepEqual([state.outcome, world.config], ["promoted", AFTER_PROMOTION], `killed at ${killAt}`);
      const moved = statesOf(world).filter(([share]) => share > 0 && share < 100);
      assert.ok(moved.length > 0 && moved.every(([, isMatched]) => isMatched), `killed at ${killAt}`);
      assert.ok(only(world.events, "converged").every(({ seconds }) => seconds <= 60));
    }
  });

  it("is promoted at once by a person, without them", async () => {
    const world = new World({ plan: withTesters(planOf([10, 50])), testers: 0.3, load: 1000 });
    void world.clock.sleep(20_000).then(() => world.writeBeside({ type: "commanded", command: "promote", by: "eve" }));
    assert.equal((await world.process()).outcome, "promoted");
    assert.deepEqual(world.config, AFTER_PROMOTION);
    assert.deepEqual(statesOf(world).slice(-2), [
      [0, true],
      [100, false],
    ]);
    assert.equal(only(world.events, "converged").at(-1)?.unverified, undefined);
    assert.equal(typesOf(world.events).filter((type) => type === "held").length, 0);
  });
});
