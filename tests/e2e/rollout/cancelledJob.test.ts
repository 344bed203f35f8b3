import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { configFile } from "../../../demo/programStack";
import type { RolloutEvent } from "../../../src/rollout";
import { canary as call, CanaryCall } from "../support/canary";
import { descendants, killIfThere } from "../support/children";
import { journalOf, stageConfig } from "../support/rollouts";
import { suiteStage } from "../support/suiteStage";
import { assertNoneFailed, pause } from "../support/traffic";
import { until } from "../support/workload";

const LOAD_PER_SECOND = 100;

/** The timing with which a GitHub runner ends the processes of a cancelled job, in milliseconds after SIGINT. */
const SIGTERM_MS = 7500;
const SIGKILL_MS = 10_000;

const HELD = ["--target", "v2", "--steps", "50", "--hold", "10m", "--interval", "1s", "--step-deadline", "15m"];

/** A version whose pods never get ready. */
const STUCK = {
  name: "stuck",
  image: "docker.io/library/canary-demo:2.0",
  pod: { readinessProbe: { http: { path: "/nowhere", port: 1 } } },
};

describe("a rollout in a job that is cancelled, and has ten seconds", function () {
  this.timeout("15m");
  const suite = suiteStage();
  const running: CanaryCall[] = [];

  /** A failed test leaves no run to the next one. */
  afterEach(async function () {
    for (const run of running.splice(0)) {
      await killTree(run);
    }
    if (this.currentTest?.isFailed()) {
      await call(suite.stage, "rollback", "--yes");
    }
  });

  function begin(...args: string[]): CanaryCall {
    const run = new CanaryCall(suite.stage, "rollout", "--yes", "--json", ...args);
    running.push(run);
    return run;
  }

  const runs = ({ process: { exitCode, signalCode } }: CanaryCall) => exitCode === null && signalCode === null;

  /** The runner's last resort: ends the process with all its children. */
  async function killTree(run: CanaryCall): Promise<void> {
    if (runs(run)) {
      const started = descendants(run.process.pid as number);
      run.process.kill("SIGKILL");
      started.forEach(killIfThere);
      await run.exitCode();
    }
  }

  /** Cancels a run as a runner does; returns after how many milliseconds it ended by itself, if it did. */
  async function cancel(run: CanaryCall): Promise<number | undefined> {
    const began = performance.now();
    const since = () => performance.now() - began;
    const ended = run.exitCode().then(since);
    run.process.kill("SIGINT");
    await Promise.race([ended, pause(SIGTERM_MS)]);
    run.process.kill("SIGTERM");
    await Promise.race([ended, pause(SIGKILL_MS - since())]);
    if (runs(run)) {
      await killTree(run);
      return undefined;
    }
    return ended;
  }

  /** The events of the last run in the journal. */
  async function lastRun(): Promise<RolloutEvent[]> {
    const all = await journalOf(suite.stage);
    return all.filter(({ run }) => run === all.at(-1)?.run);
  }

  /**
   * Cancels a run, and asserts that it was rolled back: by itself, or, if the machine was too slow for that, by the
   * next job.
   */
  /** @param before How many events there were before the run; it may be killed before its first. */
  async function assertGoesBack(run: CanaryCall, when: string, before = -1): Promise<void> {
    const milliseconds = await cancel(run);
    const next = await call(suite.stage, "rollout", "--continue", "--yes");
    if (milliseconds === undefined) {
      // 2 if it was already rolled back, but its process did not end by itself.
      console.log(`      ${when}: killed, and the next job ended with ${next.code}`);
      assert.ok(next.code === 4 || next.code === 2, next.stderr);
    } else {
      console.log(`      ${when}: back after ${(milliseconds / 1000).toFixed(1)} s`);
      assert.deepEqual([run.process.exitCode, next.code], [4, 2], `${run.stderr}\n${next.stderr}`);
    }
    if (milliseconds === undefined && (await journalOf(suite.stage)).length === before) {
      return; // killed before there was a run to send back
    }
    const events = await lastRun();
    assert.deepEqual(
      events.flatMap((event) => (event.type === "rollingBack" ? [event.reason] : [])),
      ["terminated"],
    );
    assert.equal(events.at(-1)?.type, "rolledBack");
  }

  it("goes back from an up that waits for pods that do not get ready", async () => {
    const { configure, stack } = suite.stage;
    const config = stageConfig();
    const versions = [...(config.versions as object[]), STUCK];
    await configure({ ...config, versions, weights: { ...(config.weights as object), stuck: 0 } });
    try {
      const { answers } = await suite.underLoad(LOAD_PER_SECOND, async () => {
        const run = begin("--target", "stuck", "--steps", "50", "--hold", "1s");
        await run.event(({ type }) => type === "started");
        await pause(8000); // the Deployment is there, and waited for
        assert.ok(!run.events.some(({ type }) => type === "prepared"), "it waits for the pods");
        await assertGoesBack(run, "while an up waits for pods");
      });
      assertNoneFailed(answers);
    } finally {
      await configure(config);
      await stack.up();
    }
    await suite.assertAsBefore();
  });

  it("goes back before it has begun, and leaves no lock", async () => {
    const before = (await journalOf(suite.stage)).length;
    const run = begin(...HELD);
    const lock = configFile(suite.stage.name).replace(/\.yaml$/, ".rollout.lock");
    await until("the stack is locked", async () => existsSync(lock));
    assert.equal((await journalOf(suite.stage)).length, before, "the run has not begun");
    await assertGoesBack(run, "while a run is begun", before);
    if ((await journalOf(suite.stage)).length > before) {
      assert.ok(!existsSync(lock));
    } else {
      await rm(lock, { force: true }); // the killed process's
    }
    await suite.assertAsBefore();
  });

  for (const [when, type] of [
    ["in the middle of the up of a step", "shifting"],
    ["while a step is held", "converged"],
  ] as const) {
    it(`goes back ${when}`, async () => {
      const { answers } = await suite.underLoad(LOAD_PER_SECOND, async () => {
        const run = begin(...HELD);
        await run.event((event) => event.type === type);
        await assertGoesBack(run, when);
      });
      assertNoneFailed(answers);
      await suite.assertAsBefore();
    });
  }

  for (const [where, elsewhere] of [
    ["", false],
    [", on another machine", true],
  ] as const) {
    it(`that is killed during its rollback is finished by the next job${where}`, async () => {
      const { answers } = await suite.underLoad(LOAD_PER_SECOND, async () => {
        const run = begin(...HELD);
        await run.event((event) => event.type === "converged");
        run.process.kill("SIGINT");
        await run.event((event) => event.type === "rollingBack");
        await pause(Math.random() * 1000);
        await killTree(run);
        assert.deepEqual(withoutAsides(await lastRun()).slice(-1), ["rollingBack"]);
        if (elsewhere) {
          // The config and the journal are in git, the lock is not.
          await rm(configFile(suite.stage.name).replace(/\.yaml$/, ".rollout.lock"));
        }
        const refused = await call(suite.stage, "rollout", "--yes", ...HELD);
        assert.equal(refused.code, 5, refused.stderr);
        assert.match(refused.stderr, /canary rollout --continue/);
        const next = begin("--continue");
        assert.equal(await next.exitCode(), 4, next.stderr);
        assert.deepEqual(withoutAsides(next.events), ["takenOver", "rolledBack"]);
      });
      assertNoneFailed(answers);
      await suite.assertAsBefore();
    });
  }
});

/** The types of events, without what is only told and what the routes get ahead of an `up`. */
function withoutAsides(events: readonly RolloutEvent[]): string[] {
  return events.map(({ type }) => type).filter((type) => !["logged", "patching", "patched"].includes(type));
}
