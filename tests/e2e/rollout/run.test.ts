import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { configFile, PROJECT_ROOT } from "../../../engine/programStack";
import { startLoad } from "../../../load/generator";
import type { Answer } from "../../../load/request";
import { failures } from "../../../load/shares";
import { type RolloutEvent, type RolloutSettings, StackHeldError, startRollout } from "../../../rollout";
import { requireEngine } from "../support/program";
import { closeStage, openStage, RolloutChild, type RolloutStage, stageConfig, weightsInCluster } from "../support/rollouts";
import { assertNoneFailed } from "../support/traffic";

const STACK = "e2e-rollout";
const LOAD_PER_SECOND = 200;
const LOAD_LIMIT_S = 240;

const SETTINGS: RolloutSettings = {
  steps: [20, 50],
  hold: 3,
  gates: [
    { name: "success", kind: "success-rate", min: 98, minRequests: 100 },
    { name: "speed", kind: "latency", percentile: 95, maxMs: 200, minRequests: 50 },
  ],
  limits: { interval: 1, failureThreshold: 2, stepDeadline: 60 },
  source: { envoy: { intervalSeconds: 1 } },
};

describe("a rollout on a real cluster", function () {
  this.timeout("30m");
  let stage: RolloutStage;
  let configBefore: string;

  before(async function () {
    stage = await openStage(await requireEngine(this), STACK);
    configBefore = await readFile(configFile(STACK), "utf8");
  });

  after(async () => {
    if (stage !== undefined) {
      await closeStage(stage);
    }
  });

  async function underLoad<T>(work: () => Promise<T>): Promise<{ result: T; answers: Answer[] }> {
    const load = startLoad(LOAD_PER_SECOND, LOAD_LIMIT_S, { url: stage.url });
    try {
      return { result: await work(), answers: await load.stop() };
    } finally {
      await load.stop();
    }
  }

  /** Runs to its end under load. */
  async function rollOut(target: string, settings: RolloutSettings = SETTINGS): Promise<{ events: RolloutEvent[]; end: RolloutEvent; answers: Answer[] }> {
    const child = new RolloutChild(stage, "start", { ...settings, target });
    const { result, answers } = await underLoad(() => child.ended());
    return { events: child.events, end: result, answers };
  }

  async function assertAsBefore(): Promise<void> {
    assert.deepEqual(await weightsInCluster(stage.kubectl), { v1: 100 });
    assert.equal(await readFile(configFile(STACK), "utf8"), configBefore);
  }

  function told(events: readonly RolloutEvent[], type: RolloutEvent["type"]): string {
    return JSON.stringify(events.filter((event) => event.type === type));
  }

  it("rolls back a version that fails 5 % of its requests, and says what share of all requests users saw fail", async () => {
    const { events, end, answers } = await rollOut("failing");
    assert.equal(end.type, "rolledBack", told(events, "noted"));
    assert.match(told(events, "rollingBack"), /"reason":"gate".*success: /);
    await assertAsBefore();
    const { users } = end as RolloutEvent & { type: "rolledBack" };
    const failed = failures(answers).length;
    assert.ok(users !== undefined && users.failures > 0 && users.failures <= failed, `${JSON.stringify(users)}, the client saw ${failed} of ${answers.length}`);
    assert.ok(users.requests <= answers.length);
    console.log(`      users: ${users.failures} of ${users.requests} failed; the client saw ${failed} of ${answers.length}`);
  });

  it("rolls back a version that is slow, without a failed request", async () => {
    const { events, end, answers } = await rollOut("slow");
    assert.equal(end.type, "rolledBack", told(events, "noted"));
    assert.match(told(events, "rollingBack"), /"reason":"gate".*speed: /);
    await assertAsBefore();
    assertNoneFailed(answers);
  });

  it("rolls back by the deadline when there are no requests to judge by", async () => {
    const child = new RolloutChild(stage, "start", { ...SETTINGS, target: "v2", limits: { ...SETTINGS.limits, follow: 5, stepDeadline: 30 } });
    assert.equal((await child.ended()).type, "rolledBack");
    assert.match(told(child.events, "rollingBack"), /"reason":"deadline".*step 1 /);
    assert.match(told(child.events, "followed"), /no requests within/);
    await assertAsBefore();
  });

  it("ends before it moves a request when the new version's pods crash", async () => {
    const config = stageConfig();
    const versions = [...(config.versions as object[]), { name: "crashing", image: "docker.io/library/canary-demo:2.0", pod: { env: { CRASH_AFTER: "100ms" } } }];
    await stage.configure({ ...config, versions, weights: { ...(config.weights as object), crashing: 0 } });
    try {
      const { events, end, answers } = await rollOut("crashing", { ...SETTINGS, limits: { ...SETTINGS.limits, stepDeadline: 25 } });
      assert.equal(end.type, "rolledBack", told(events, "noted"));
      assert.match(told(events, "rollingBack"), /"reason":"(deadline|failure)".*myapp-crashing/);
      assert.equal(told(events, "shifting"), "[]");
      assert.deepEqual(await weightsInCluster(stage.kubectl), { v1: 100 });
      assertNoneFailed(answers);
    } finally {
      await stage.configure(stageConfig());
      await stage.stack.up();
    }
    assert.equal(await readFile(configFile(STACK), "utf8"), configBefore);
  });

  it("is ended by SIGTERM while its up runs: everything is as before", async () => {
    const child = new RolloutChild(stage, "start", { ...SETTINGS, target: "v2" });
    await child.told("shifting");
    child.process.kill("SIGTERM");
    assert.equal((await child.ended()).type, "rolledBack");
    assert.match(told(child.events, "rollingBack"), /"reason":"terminated"/);
    await assertAsBefore();
  });

  it("promotes a good version without a failed request; a second run beside it is refused", async () => {
    const child = new RolloutChild(stage, "start", { ...SETTINGS, target: "v2" }, "ann");
    const { answers } = await underLoad(async () => {
      await child.told("shifting");
      await assert.rejects(startRollout({ workDir: PROJECT_ROOT, stack: STACK, env: stage.env, settings: SETTINGS }), (error: Error) => {
        assert.ok(error instanceof StackHeldError);
        assert.match(error.message, /held by the run \S+ of ann \(process \d+ on /);
        return true;
      });
      await child.ended();
    });
    assert.equal(child.events.at(-1)?.type, "promoted", told(child.events, "rollingBack") + told(child.events, "noted"));
    assertNoneFailed(answers);
    assert.deepEqual(await weightsInCluster(stage.kubectl), { v2: 100 });
    assert.doesNotMatch(told(child.events, "followed"), /unmeasured/);
  });

  it("takes a promotion back", async () => {
    const child = new RolloutChild(stage, "rollback", {});
    const { answers } = await underLoad(() => child.ended());
    assert.equal(child.events.at(-1)?.type, "rolledBack");
    assertNoneFailed(answers);
    await assertAsBefore();
  });
});
