import assert from "node:assert/strict";
import { type RolloutEvent, type RolloutSettings, setShares } from "../../../src/rollout";
import { PROJECT_ROOT } from "../../../demo/programStack";
import { journalOf, RolloutChild, stageConfig, weightsInCluster } from "../support/rollouts";
import { suiteStage } from "../support/suiteStage";
import { assertNoneFailed } from "../support/traffic";

const LOAD_PER_SECOND = 100;
/** How often a process dies between the change of the routes and its recording, in each way that it is gone on with. */
const DEATHS = Number(process.env.TRAFFIC_FIRST_DEATHS || 1);

const SETTINGS: RolloutSettings = {
  target: "v2",
  steps: [20, 60],
  hold: 1,
  gates: [{ name: "success", kind: "success-rate", min: 98, minRequests: 20 }],
  limits: { interval: 1, failureThreshold: 2, stepDeadline: 120 },
  source: { envoy: { intervalSeconds: 1 } },
};

const MOVING: readonly RolloutEvent["type"][] = ["shifting", "patching", "patched", "shifted", "rolledBack"];

describe("weights that reach the routes ahead of the up", function () {
  this.timeout("60m");
  const suite = suiteStage();
  const begin = (what: "start" | "resume" | "rollback", settings: Partial<RolloutSettings> = {}) =>
    new RolloutChild(suite.stage, what, { ...SETTINGS, ...settings });
  const weights = () => weightsInCluster(suite.stage.kubectl);
  const moves = (events: readonly RolloutEvent[]) =>
    events.map(({ type }) => type).filter((type) => MOVING.includes(type));

  /** Asserts that stack, cluster and program agree, and that the provider alone owns the routes. */
  async function assertRecorded(): Promise<void> {
    const { stack, kubectl } = suite.stage;
    const { same: _, read: __, ...changes } = (await stack.preview({ refresh: true })).changeSummary;
    assert.deepEqual(changes, {});
    const text = await kubectl.run(
      ...["get", "virtualservice", "-n", "myapp", "myapp", "-o", "json", "--show-managed-fields"],
    );
    const managers = JSON.parse(text).metadata.managedFields as { manager: string; operation: string }[];
    assert.deepEqual(
      managers.map(({ operation }) => operation),
      ["Apply"],
      JSON.stringify(managers),
    );
  }

  async function asBefore(): Promise<void> {
    const { stack, configure } = suite.stage;
    await configure(stageConfig());
    await stack.up();
  }

  afterEach(asBefore);

  it("are there before each step's up has recorded them, without a failed request", async () => {
    const child = begin("start");
    const { result: end, answers } = await suite.underLoad(LOAD_PER_SECOND, () => child.ended());
    assert.equal(end.type, "promoted", JSON.stringify(child.events.filter(({ type }) => type === "logged")));
    const step = ["shifting", "patching", "patched", "shifted"];
    assert.deepEqual(moves(child.events), [...step, ...step, ...step]);
    assertNoneFailed(answers);
    assert.deepEqual(await weights(), { v2: 100 });
    await assertRecorded();
  });

  it("are back before the way back has recorded them", async () => {
    const child = begin("start", { target: "failing" });
    assert.equal((await suite.underLoad(LOAD_PER_SECOND, () => child.ended())).result.type, "rolledBack");
    assert.deepEqual(moves(child.events).slice(-3), ["patching", "patched", "rolledBack"]);
    await suite.assertAsBefore();
    await assertRecorded();
  });

  it("wait for the up where that is asked for", async () => {
    const child = begin("start", { trafficFirst: false, steps: [50] });
    const { result: end } = await suite.underLoad(LOAD_PER_SECOND, () => child.ended());
    assert.equal(end.type, "promoted", JSON.stringify(end));
    assert.deepEqual(moves(child.events), ["shifting", "shifted", "shifting", "shifted"]);
    assert.deepEqual(await weights(), { v2: 100 });
  });

  for (const [what, outcome, after] of [
    ["resume", "promoted", { v2: 100 }],
    ["rollback", "rolledBack", { v1: 100 }],
  ] as const) {
    for (let death = 1; death <= DEATHS; death++) {
      it(`are put right by ${what} after the process has died before the recording, ${death} of ${DEATHS}`, async () => {
        const { result: end, answers } = await suite.underLoad(LOAD_PER_SECOND, async () => {
          const child = begin("start");
          await child.told("patched");
          await child.kill();
          assert.deepEqual(moves(await journalOf(suite.stage)).slice(-3), ["shifting", "patching", "patched"]);
          assert.deepEqual(await weights(), { v1: 80, v2: 20 });
          return begin(what).ended();
        });
        assert.equal(end.type, outcome, JSON.stringify(end));
        assertNoneFailed(answers);
        assert.deepEqual(await weights(), after);
        await assertRecorded();
      });
    }
  }

  it("are those that somebody sets, too", async () => {
    const { name: stack, env } = suite.stage;
    const before = (await journalOf(suite.stage)).length;
    const shares = { v1: 70, failing: 0, slow: 0, v2: 30 };
    const { answers } = await suite.underLoad(LOAD_PER_SECOND, () =>
      setShares({ workDir: PROJECT_ROOT, stack, env }, shares, new AbortController().signal),
    );
    assertNoneFailed(answers);
    assert.deepEqual(
      (await journalOf(suite.stage)).slice(before).map(({ type }) => type),
      ["patching", "patched", "recorded"],
    );
    assert.deepEqual(await weights(), { v1: 70, v2: 30 });
    await assertRecorded();
  });
});
