import assert from "node:assert/strict";
import { PROJECT_ROOT } from "../../../demo/programStack";
import {
  type RolloutEvent,
  type RolloutSettings,
  sendCommand,
  StackLockedError,
  startRollout,
} from "../../../src/rollout";
import { podsOf, switchPod } from "../support/pods";
import { RolloutChild, stageConfig, weightsInCluster } from "../support/rollouts";
import { suiteStage } from "../support/suiteStage";
import { assertNoneFailed, pause } from "../support/traffic";
import { until } from "../support/workload";

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

/** Whether it is a sample of the gates taken after the first step was held, while waiting. */
function isAfterHold(event: RolloutEvent, index: number, events: readonly RolloutEvent[]): boolean {
  return (
    event.type === "sampled" && event.phase === "hold" && events.slice(0, index).some(({ type }) => type === "held")
  );
}

describe("a rollout on a real cluster", function () {
  this.timeout("30m");
  const suite = suiteStage();
  const begin = (settings: RolloutSettings, by?: string) =>
    new RolloutChild(suite.stage, "start", { ...SETTINGS, ...settings }, by);

  function told(events: readonly RolloutEvent[], type: RolloutEvent["type"]): string {
    return JSON.stringify(events.filter((event) => event.type === type));
  }

  /** Tells all pods of a version how to answer from now on. */
  async function switchVersion(version: string, how: string): Promise<void> {
    const { kubectl } = suite.stage;
    for (const pod of await podsOf(kubectl, "myapp", version)) {
      await switchPod(kubectl, "myapp", pod, how);
    }
  }

  it("rolls back a version that is slow, without a failed request", async () => {
    const child = begin({ target: "slow" });
    const { result: end, answers } = await suite.underLoad(LOAD_PER_SECOND, () => child.ended());
    assert.equal(end.type, "rolledBack", told(child.events, "logged"));
    assert.match(told(child.events, "rollingBack"), /"reason":"gate".*speed: /);
    await suite.assertAsBefore();
    assertNoneFailed(answers);
  });

  it("rolls back a version that turns bad while a person's approval is awaited", async () => {
    const child = begin({
      target: "v2",
      steps: [50],
      gates: [...(SETTINGS.gates ?? []), { name: "go", kind: "approval" }],
      limits: { ...SETTINGS.limits, stepDeadline: 180 },
    });
    const { result: end } = await suite.underLoad(LOAD_PER_SECOND, async () => {
      await child.told("held");
      await until(
        "the approval is awaited, and the gates of the hold are asked",
        async () => child.events.filter(isAfterHold).length >= 3,
        30,
      );
      await switchVersion("v2", "error=50");
      return child.ended().finally(() => switchVersion("v2", "error=0"));
    });
    assert.equal(end.type, "rolledBack", told(child.events, "logged"));
    assert.match(told(child.events, "rollingBack"), /"reason":"gate".*success: /);
    await suite.assertAsBefore();
  });

  it("keeps the weights where a failed gate is to pause it, and does what a person decides", async () => {
    const { name, env, kubectl } = suite.stage;
    const reference = { workDir: PROJECT_ROOT, stack: name, env };
    await switchVersion("v2", "error=50"); // so many that no sample passes by chance
    const child = begin({ target: "v2", limits: { ...SETTINGS.limits, onFailure: "pause" } });
    const pauses = () => child.events.filter(({ type }) => type === "paused").length;
    const whilePaused = async () => {
      await child.told("paused");
      await pause(3000);
      assert.deepEqual(await weightsInCluster(kubectl), { v1: 80, v2: 20 });
      assert.equal(pauses(), 1);
      await sendCommand(reference, { what: "resume" }, "ann");
      await until("it is judged anew, and paused again", async () => pauses() === 2, 60);
      assert.deepEqual(await weightsInCluster(kubectl), { v1: 80, v2: 20 });
      await sendCommand(reference, { what: "abort" }, "ann");
      return child.ended();
    };
    const { result: end } = await suite
      .underLoad(LOAD_PER_SECOND, whilePaused)
      .finally(() => switchVersion("v2", "error=0"));
    assert.equal(end.type, "rolledBack", told(child.events, "logged"));
    assert.match(told(child.events, "rollingBack"), /"reason":"person".*ann/);
    await suite.assertAsBefore();
  });

  it("rolls back by the deadline when there are no requests to judge by", async () => {
    const child = begin({ target: "v2", limits: { ...SETTINGS.limits, convergenceTimeout: 10, stepDeadline: 25 } });
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
      {
        name: "crashing",
        image: "docker.io/library/canary-demo:2.0",
        // Never ready: otherwise it depends on luck whether one of its short lives is long enough to be.
        pod: { env: { CRASH_AFTER: "100ms" }, readinessProbe: { http: { path: "/nowhere", port: 1 } } },
      },
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
