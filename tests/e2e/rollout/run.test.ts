import assert from "node:assert/strict";
import { PROJECT_ROOT } from "../../../demo/programStack";
import { type RolloutEvent, type RolloutSettings, StackLockedError, startRollout } from "../../../src/rollout";
import { RolloutChild, stageConfig } from "../support/rollouts";
import { suiteStage } from "../support/suiteStage";
import { assertNoneFailed } from "../support/traffic";

const LOAD_PER_SECOND = 200;

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
  const suite = suiteStage();
  const begin = (settings: RolloutSettings, by?: string) =>
    new RolloutChild(suite.stage, "start", { ...SETTINGS, ...settings }, by);

  function told(events: readonly RolloutEvent[], type: RolloutEvent["type"]): string {
    return JSON.stringify(events.filter((event) => event.type === type));
  }

  it("rolls back a version that is slow, without a failed request", async () => {
    const child = begin({ target: "slow" });
    const { result: end, answers } = await suite.underLoad(LOAD_PER_SECOND, () => child.ended());
    assert.equal(end.type, "rolledBack", told(child.events, "logged"));
    assert.match(told(child.events, "rollingBack"), /"reason":"gate".*speed: /);
    await suite.assertAsBefore();
    assertNoneFailed(answers);
  });

  it("rolls back by the deadline when there are no requests to judge by", async () => {
    const child = begin({ target: "v2", limits: { ...SETTINGS.limits, convergenceTimeout: 3, stepDeadline: 20 } });
    assert.equal((await child.ended()).type, "rolledBack");
    assert.match(told(child.events, "rollingBack"), /"reason":"deadline".*step 1 /);
    assert.match(told(child.events, "converged"), /no requests within/);
    await suite.assertAsBefore();
  });

  it("ends before it moves a request when the new version's pods crash", async () => {
    const { stage } = suite;
    const config = stageConfig();
    const versions = [
      ...(config.versions as object[]),
      { name: "crashing", image: "docker.io/library/canary-demo:2.0", pod: { env: { CRASH_AFTER: "100ms" } } },
    ];
    await stage.configure({ ...config, versions, weights: { ...(config.weights as object), crashing: 0 } });
    try {
      const child = begin({ target: "crashing", limits: { ...SETTINGS.limits, stepDeadline: 20 } });
      const { result: end, answers } = await suite.underLoad(LOAD_PER_SECOND, () => child.ended());
      assert.equal(end.type, "rolledBack", told(child.events, "logged"));
      assert.match(told(child.events, "rollingBack"), /"reason":"(deadline|failure)".*myapp-crashing/);
      assert.equal(told(child.events, "shifting"), "[]");
      assertNoneFailed(answers);
    } finally {
      await stage.configure(stageConfig());
      await stage.stack.up();
    }
    await suite.assertAsBefore();
  });

  it("refuses a second run beside it, and is ended by SIGTERM while its up runs: everything is as before", async () => {
    const child = begin({ target: "v2" }, "ann");
    await child.told("shifting");
    await assert.rejects(
      startRollout({ workDir: PROJECT_ROOT, stack: suite.stage.name, env: suite.stage.env, settings: SETTINGS }),
      (error: Error) => {
        assert.ok(error instanceof StackLockedError);
        assert.match(error.message, /locked by run \S+ of ann \(process \d+ on /);
        return true;
      },
    );
    child.process.kill("SIGTERM");
    assert.equal((await child.ended()).type, "rolledBack");
    assert.match(told(child.events, "rollingBack"), /"reason":"terminated"/);
    await suite.assertAsBefore();
  });
});
