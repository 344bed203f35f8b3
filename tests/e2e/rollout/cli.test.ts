import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { configFile, PROJECT_ROOT } from "../../../demo/programStack";
import { failures } from "../../../demo/load/shares";
import { eventProblems } from "../../unit/rollout/support/eventTypes";
import { canary as call, CanaryCall } from "../support/canary";
import { journalOf, weightsInCluster } from "../support/rollouts";
import { suiteStage } from "../support/suiteStage";
import { assertNoneFailed } from "../support/traffic";

const LOAD_PER_SECOND = 100;

const GATE = "{name: success, kind: success-rate, min: 98, minRequests: 50}";
const APPROVAL = "{name: go, kind: approval}";
const SHORT = ["--target", "v2", "--steps", "50", "--hold", "2s", "--interval", "1s", "--step-deadline", "2m"];

describe("the canary command on a real cluster", function () {
  this.timeout("20m");
  const suite = suiteStage();
  const canary = (...args: string[]) => call(suite.stage, ...args);
  const underLoad = <T>(work: () => Promise<T>) => suite.underLoad(LOAD_PER_SECOND, work);

  /** A test that fails leaves no run to the next one. */
  afterEach(async function () {
    for (const run of running.splice(0)) {
      run.process.kill("SIGTERM");
      await run.exitCode();
    }
    if (this.currentTest?.isFailed() && (await suite.isChanged())) {
      await canary("rollback", "--yes");
    }
  });

  const running: CanaryCall[] = [];

  function begin(...args: string[]): CanaryCall {
    const run = new CanaryCall(suite.stage, ...args);
    running.push(run);
    return run;
  }

  /** A run that is held for longer than the test takes. */
  async function heldRun(): Promise<CanaryCall> {
    const run = begin("rollout", "--yes", "--json", ...SHORT, "--hold", "10m", "--step-deadline", "15m");
    await run.event(({ type }) => type === "converged");
    return run;
  }

  it("plans, as a table and as JSON, and changes nothing", async () => {
    const [text, json, wrong] = await Promise.all([
      canary("plan", ...SHORT, "--gate", GATE),
      canary("plan", ...SHORT, "--json"),
      canary("plan", "--steps", "50,20"),
    ]);
    assert.equal(text.code, 0, text.stderr);
    assert.match(text.stdout, /v2 of myapp in namespace myapp: canary, 1 step, then everything[^]*50%[^]*success/);
    assert.deepEqual(
      JSON.parse(json.stdout).steps.map(({ weights }: { weights: object }) => weights),
      [{ v1: 50, failing: 0, slow: 0, v2: 50 }],
    );
    assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
    assert.match(wrong.stderr, /canary-app:rollout\.steps\[1\] is 20/);
    await suite.assertAsBefore();
  });

  it("moves nothing without a terminal and --yes", async () => {
    for (const { code, stderr } of await Promise.all([
      canary("rollout", ...SHORT),
      canary("set", "v1=0", "failing=0", "slow=0", "v2=100"),
    ])) {
      assert.equal(code, 2);
      assert.match(stderr, /Re-run with --yes/);
    }
    await suite.assertAsBefore();
  });

  it("rolls back on Ctrl-C without a terminal, with exit code 4, and refuses a second run with 5", () =>
    underLoad(async () => {
      const run = await heldRun();
      const [second, set] = await Promise.all([
        canary("rollout", "--yes", ...SHORT),
        canary("set", "v1=100", "failing=0", "slow=0", "v2=0", "--yes"),
      ]);
      assert.deepEqual([second.code, set.code], [5, 5], second.stderr + set.stderr);
      assert.match(second.stderr, /is locked by run .* of .* since /);
      run.process.kill("SIGINT");
      assert.equal(await run.exitCode(), 4, run.stderr);
      assert.deepEqual(run.events.at(-1)?.type, "rolledBack");
      await suite.assertAsBefore();
    }));

  it("shows how it stands, pauses, resumes and aborts from another process", () =>
    underLoad(async () => {
      const run = await heldRun();
      const status = JSON.parse((await canary("status", "--json", "--window", "5")).stdout);
      assert.deepEqual(status.missing, []);
      assert.match(status.cluster.server, /^https:\/\//);
      assert.deepEqual(
        status.versions.map(({ version, desired, pods }: Record<string, unknown>) => [version, desired, pods]),
        [
          ["v1", 50, { ready: 1, wanted: 1 }],
          ["failing", 0, { ready: 1, wanted: 1 }],
          ["slow", 0, { ready: 1, wanted: 1 }],
          ["v2", 50, { ready: 1, wanted: 1 }],
        ],
      );
      const [v1, , , v2] = status.versions;
      assert.ok(v1.requests + v2.requests > 40 && v2.actual > 0 && v2.actual < 100, JSON.stringify(status.versions)); // all on one side: 2 in 2^40
      assert.deepEqual(
        [status.lastRun.outcome, status.lastRun.isAtWork, status.lastRun.stage],
        [null, true, "holding"],
      );
      assert.match((await canary("status", "--offline")).stdout, /holding 50%[^]*in progress, by /);

      assert.equal((await canary("pause")).code, 0);
      await run.event(({ type }) => type === "paused");
      assert.equal(JSON.parse((await canary("status", "--json", "--offline")).stdout).lastRun.paused, true);
      assert.equal((await canary("resume")).code, 0);
      await run.event(({ type }) => type === "resumed");
      assert.equal((await canary("approve")).code, 2, "no gate waits");
      assert.equal((await canary("abort")).code, 0);
      assert.equal(await run.exitCode(), 4, run.stderr);
      await suite.assertAsBefore();
    }));

  it("continues a run whose process was killed, and rolls it back", () =>
    underLoad(async () => {
      const run = await heldRun();
      run.process.kill("SIGKILL");
      await run.exitCode();
      const [abort, refused] = await Promise.all([canary("abort"), canary("rollout", "--yes", ...SHORT)]);
      assert.deepEqual([abort.code, refused.code], [2, 5], abort.stderr + refused.stderr);
      assert.match(abort.stderr, /canary rollback/);

      const resumed = begin("rollout", "--continue", "--yes", "--json");
      await resumed.event(({ type }) => type === "sampled");
      assert.equal(resumed.events[0].type, "takenOver");
      const rollback = await canary("rollback", "--yes");
      assert.equal(rollback.code, 0, rollback.stderr);
      assert.equal(await resumed.exitCode(), 4);
      await suite.assertAsBefore();
      assert.equal((await canary("rollback", "--yes")).code, 2, "it is rolled back already");
    }));

  it("rolls back a version that fails 5% of its requests, with exit code 3, a report, and the share of all requests that failed for users", async () => {
    const folder = await mkdtemp(join(tmpdir(), "canary-report-"));
    try {
      const rolloutOfFailing = () =>
        canary(
          "rollout",
          "--yes",
          ...SHORT,
          "--target",
          "failing",
          "--hold",
          "1m",
          "--gate",
          GATE,
          "--failure-threshold",
          "2",
          "--report",
          folder,
        );
      const { result, answers } = await underLoad(rolloutOfFailing);
      assert.equal(result.code, 3, result.stderr);
      await suite.assertAsBefore();
      const [, failed, requests] =
        /rolling back \(gate\): .*success[^]*Users saw: ([\d,]+) of ([\d,]+) /
          .exec(result.stdout)
          ?.map((text) => Number(text.replaceAll(",", ""))) ?? assert.fail(result.stdout);
      const seen = failures(answers).length;
      assert.ok(
        failed > 0 && failed <= seen && requests <= answers.length,
        `${failed} of ${requests}, but the client saw ${seen} of ${answers.length}`,
      );
      console.log(`      users: ${failed} of ${requests} failed; the client saw ${seen} of ${answers.length}`);
      assert.match(await readFile(join(folder, "report.md"), "utf8"), /^# Rolled back \(gate\)/);
      assert.match(await readFile(join(folder, "report.html"), "utf8"), /class="line v1"/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("promotes a good version that a person approves from another process, every event on a line of its own, and takes it back; no request fails", async () => {
    const { answers } = await underLoad(async () => {
      const run = begin("rollout", "--yes", "--json", ...SHORT, "--gate", GATE, "--gate", APPROVAL);
      await run.event(
        (event) =>
          event.type === "sampled" &&
          event.results.some(({ gate, verdict }) => gate === "go" && verdict === "inconclusive"),
      );
      const approved = await canary("approve", "--json");
      assert.equal(approved.code, 0, approved.stderr);
      assert.equal(JSON.parse(approved.stdout).gate, "go");
      assert.equal(await run.exitCode(), 0, run.stderr);

      assert.deepEqual(eventProblems(run.events), []);
      const { run: name } = run.events[0];
      assert.deepEqual(
        run.events,
        (await journalOf(suite.stage)).filter((event) => event.run === name),
      );
      assert.deepEqual([run.events[0].type, run.events.at(-1)?.type], ["started", "promoted"]);
      assert.deepEqual(
        run.events.flatMap((event) => (event.type === "converged" ? [event.unverified] : [])),
        [undefined, undefined],
      );
      assert.deepEqual(await weightsInCluster(suite.stage.kubectl), { v2: 100 });

      const back = await canary("rollback", "--yes");
      assert.equal(back.code, 0, back.stderr);
    });
    assertNoneFailed(answers);
    await suite.assertAsBefore();
  });

  it("is not needed for a pipeline of code: the example rolls a version out, and leaves its report", async () => {
    const reports = await mkdtemp(join(tmpdir(), "canary-pipeline-"));
    try {
      const task = {
        workDir: PROJECT_ROOT,
        stack: suite.stage.name,
        reports,
        settings: {
          target: "v2",
          steps: [50],
          hold: 2,
          limits: { interval: 1, stepDeadline: 60 },
          gates: [{ name: "ok", kind: "success-rate", min: 98, minRequests: 50 }],
        },
      };
      const program = `require("./examples/rollout-from-code/pipeline").pipeline(${JSON.stringify(task)}).then((outcome) => console.log("ended:", outcome))`;
      const pipeline = () =>
        promisify(execFile)(process.execPath, ["--require", "tsx/cjs", "--eval", program], {
          cwd: PROJECT_ROOT,
          env: suite.stage.env,
        });
      const { result } = await underLoad(pipeline);
      assert.match(result.stdout, /promoted; users saw 0 failed requests of [1-9]\d*\nended: promoted/);
      assert.deepEqual((await readdir(reports)).map((name) => extname(name)).sort(), [".html", ".md"]);
    } finally {
      await rm(reports, { recursive: true });
    }
  });

  it("sets shares by hand", async () => {
    const set = await canary("set", "v1=90", "failing=0", "slow=0", "v2=10", "--yes");
    assert.equal(set.code, 0, set.stderr);
    assert.deepEqual(await weightsInCluster(suite.stage.kubectl), { v1: 90, v2: 10 });
    assert.equal(existsSync(configFile(suite.stage.name).replace(/\.yaml$/, ".rollout.lock")), false);
  });
});
