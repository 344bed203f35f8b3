import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { configFile, PROJECT_ROOT } from "../../../engine/programStack";
import { startLoad } from "../../../load/generator";
import type { RolloutEvent } from "../../../rollout";
import { eventProblems } from "../../unit/rollout/support/eventTypes";
import { CanaryCall, canary } from "../support/canary";
import { requireEngine } from "../support/program";
import { closeStage, openStage, type RolloutStage, weightsInCluster } from "../support/rollouts";
import { assertNoneFailed } from "../support/traffic";

const STACK = "e2e-cli";
const LOAD_PER_SECOND = 100;
const LOAD_LIMIT_S = 900;

const GATE = "{name: success, kind: success-rate, min: 98, minRequests: 50}";
const APPROVAL = "{name: go, kind: approval}";
const SHORT = ["--target", "v2", "--steps", "50", "--hold", "2s", "--interval", "1s", "--step-deadline", "2m"];

describe("the canary command on a real cluster", function () {
  this.timeout("20m");
  let stage: RolloutStage;
  let load: ReturnType<typeof startLoad>;
  let configBefore: string;

  before(async function () {
    stage = await openStage(await requireEngine(this), STACK);
    configBefore = await readFile(configFile(STACK), "utf8");
    load = startLoad(LOAD_PER_SECOND, LOAD_LIMIT_S, { url: stage.url });
  });

  after(async () => {
    await load?.stop();
    if (stage !== undefined) {
      await closeStage(stage);
    }
  });

  /** A test that fails leaves no run to the next one. */
  afterEach(async () => {
    for (const run of running.splice(0)) {
      run.process.kill("SIGTERM");
      await run.exitCode();
    }
    if (configBefore !== undefined && (await readFile(configFile(STACK), "utf8")) !== configBefore) {
      await canary(stage, "rollback", "--yes");
    }
  });

  const running: CanaryCall[] = [];

  function begin(...args: string[]): CanaryCall {
    const run = new CanaryCall(stage, ...args);
    running.push(run);
    return run;
  }

  /** A run that is held for longer than the test takes. */
  async function heldRun(): Promise<CanaryCall> {
    const run = begin("rollout", "--yes", "--json", ...SHORT, "--hold", "10m", "--step-deadline", "15m");
    await run.event(({ type }) => type === "followed");
    return run;
  }

  async function assertAsBefore(): Promise<void> {
    assert.deepEqual(await weightsInCluster(stage.kubectl), { v1: 100 });
    assert.equal(await readFile(configFile(STACK), "utf8"), configBefore);
  }

  it("plans, as a table and as JSON, and changes nothing", async () => {
    const text = await canary(stage, "plan", ...SHORT, "--gate", GATE);
    assert.equal(text.code, 0, text.stderr);
    assert.match(text.stdout, /v2 of myapp in namespace myapp: canary, 1 step, then everything[^]*50 %[^]*success/);
    const { stdout } = await canary(stage, "plan", ...SHORT, "--json");
    assert.deepEqual(JSON.parse(stdout).steps.map(({ weights }: { weights: object }) => weights), [{ v1: 50, failing: 0, slow: 0, v2: 50 }]);
    const wrong = await canary(stage, "plan", "--steps", "50,20");
    assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
    assert.match(wrong.stderr, /canary-app:rollout\.steps\[1\] is 20/);
    await assertAsBefore();
  });

  it("moves nothing without a terminal and --yes", async () => {
    for (const args of [["rollout", ...SHORT], ["set", "v1=0", "failing=0", "slow=0", "v2=100"]]) {
      const { code, stderr } = await canary(stage, ...args);
      assert.equal(code, 2);
      assert.match(stderr, /say --yes/);
    }
    await assertAsBefore();
  });

  it("goes back on Ctrl-C without a terminal, with exit code 4, and refuses a second run with 5", async () => {
    const run = await heldRun();
    const second = await canary(stage, "rollout", "--yes", ...SHORT);
    assert.equal(second.code, 5, second.stderr);
    assert.match(second.stderr, /is held by the run .* of .* since /);
    const set = await canary(stage, "set", "v1=100", "failing=0", "slow=0", "v2=0", "--yes");
    assert.equal(set.code, 5, set.stderr);
    run.process.kill("SIGINT");
    assert.equal(await run.exitCode(), 4, run.stderr);
    assert.deepEqual(run.events.at(-1)?.type, "rolledBack");
    await assertAsBefore();
  });

  it("shows how it stands, pauses, resumes and aborts from another process", async () => {
    const run = await heldRun();
    const status = JSON.parse((await canary(stage, "status", "--json", "--window", "10")).stdout);
    assert.deepEqual(status.missing, []);
    assert.deepEqual(status.versions.map(({ version, asked, pods }: Record<string, unknown>) => [version, asked, pods]), [
      ["v1", 50, { ready: 1, wanted: 1 }], ["failing", 0, { ready: 1, wanted: 1 }], ["slow", 0, { ready: 1, wanted: 1 }], ["v2", 50, { ready: 1, wanted: 1 }],
    ]);
    const [v1, , , v2] = status.versions;
    assert.ok(v1.requests + v2.requests > 40 && v2.measured > 0 && v2.measured < 100, JSON.stringify(status.versions)); // all on one side: 2 in 2^40
    assert.deepEqual([status.lastRun.outcome, status.lastRun.isAtWork, status.lastRun.stage], [null, true, "holding"]);
    assert.match((await canary(stage, "status", "--no-measure")).stdout, /holding 50 %[^]*in progress, by /);

    assert.equal((await canary(stage, "pause")).code, 0);
    await run.event(({ type }) => type === "paused");
    assert.equal(JSON.parse((await canary(stage, "status", "--json", "--no-measure")).stdout).lastRun.paused, true);
    assert.equal((await canary(stage, "resume")).code, 0);
    await run.event(({ type }) => type === "resumed");
    assert.equal((await canary(stage, "approve")).code, 2, "no gate waits");
    assert.equal((await canary(stage, "abort")).code, 0);
    assert.equal(await run.exitCode(), 4, run.stderr);
    await assertAsBefore();
  });

  it("goes on with a run whose process was killed, and rolls it back", async () => {
    const run = await heldRun();
    run.process.kill("SIGKILL");
    await run.exitCode();
    const abort = await canary(stage, "abort");
    assert.equal(abort.code, 2);
    assert.match(abort.stderr, /canary rollback/);
    const refused = await canary(stage, "rollout", "--yes", ...SHORT);
    assert.equal(refused.code, 5, refused.stderr);

    const resumed = begin("rollout", "--resume", "--yes", "--json");
    await resumed.event(({ type }) => type === "takenOver");
    await resumed.event(({ type }) => type === "sampled");
    const rollback = await canary(stage, "rollback", "--yes");
    assert.equal(rollback.code, 0, rollback.stderr);
    assert.equal(await resumed.exitCode(), 4);
    await assertAsBefore();
    assert.equal((await canary(stage, "rollback", "--yes")).code, 2, "it is rolled back already");
  });

  it("sends a version back that fails, with exit code 3 and a report", async () => {
    const folder = await mkdtemp(join(tmpdir(), "canary-report-"));
    try {
      const { code, stdout, stderr } = await canary(stage, "rollout", "--yes", ...SHORT, "--target", "failing", "--hold", "1m", "--gate", GATE, "--failure-threshold", "2", "--report", folder);
      assert.equal(code, 3, stderr);
      assert.match(stdout, /rolling back \(gate\): .*success[^]*Users saw: [1-9]\d* of /);
      assert.match(await readFile(join(folder, "report.md"), "utf8"), /^# Rolled back \(gate\)/);
      assert.match(await readFile(join(folder, "report.html"), "utf8"), /class="line v1"/);
      await assertAsBefore();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("promotes a good version that a person approves from another process, every event on a line of its own, and no request fails", async () => {
    await load.stop();
    load = startLoad(LOAD_PER_SECOND, LOAD_LIMIT_S, { url: stage.url });
    const run = begin("rollout", "--yes", "--json", ...SHORT, "--gate", GATE, "--gate", APPROVAL);
    await run.event((event) => event.type === "sampled" && event.results.some(({ gate, verdict }) => gate === "go" && verdict === "undecided"));
    const approved = await canary(stage, "approve", "--json");
    assert.equal(approved.code, 0, approved.stderr);
    assert.equal(JSON.parse(approved.stdout).gate, "go");
    assert.equal(await run.exitCode(), 0, run.stderr);

    assert.deepEqual(eventProblems(run.events), []);
    const journal = (await readFile(configFile(STACK).replace(/\.yaml$/, ".rollout.jsonl"), "utf8")).split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as RolloutEvent);
    assert.deepEqual(run.events, journal.filter((event) => event.run === run.events[0].run));
    assert.deepEqual([run.events[0].type, run.events.at(-1)?.type], ["started", "promoted"]);
    assert.deepEqual(await weightsInCluster(stage.kubectl), { v2: 100 });
    assertNoneFailed(await load.stop());

    const back = await canary(stage, "rollback", "--yes");
    assert.equal(back.code, 0, back.stderr);
    await assertAsBefore();
  });

  it("is not needed for a pipeline of code: the example rolls a version out, and leaves its report", async () => {
    await load.stop();
    load = startLoad(LOAD_PER_SECOND, LOAD_LIMIT_S, { url: stage.url });
    const reports = await mkdtemp(join(tmpdir(), "canary-pipeline-"));
    try {
      const task = { workDir: PROJECT_ROOT, stack: STACK, reports, settings: { target: "v2", steps: [50], hold: 2, limits: { interval: 1, stepDeadline: 60 }, gates: [{ name: "ok", kind: "success-rate", min: 98, minRequests: 50 }] } };
      const program = `require("./examples/rollout-from-code/pipeline").pipeline(${JSON.stringify(task)}).then((outcome) => console.log("ended:", outcome))`;
      const { stdout } = await promisify(execFile)(process.execPath, ["--require", "tsx/cjs", "--eval", program], { cwd: PROJECT_ROOT, env: stage.env });
      assert.match(stdout, /promoted; users saw 0 failed requests of [1-9]\d*\nended: promoted/);
      assert.deepEqual((await readdir(reports)).map((name) => extname(name)).sort(), [".html", ".md"]);
    } finally {
      await rm(reports, { recursive: true });
    }
    assert.equal((await canary(stage, "rollback", "--yes")).code, 0);
    await assertAsBefore();
  });

  it("sets shares by hand", async () => {
    const set = await canary(stage, "set", "v1=90", "failing=0", "slow=0", "v2=10", "--yes");
    assert.equal(set.code, 0, set.stderr);
    assert.deepEqual(await weightsInCluster(stage.kubectl), { v1: 90, v2: 10 });
    assert.equal(existsSync(configFile(STACK).replace(/\.yaml$/, ".rollout.claim")), false);
  });
});
