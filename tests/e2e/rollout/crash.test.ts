import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { configFile } from "../../../engine/programStack";
import { startLoad } from "../../../load/generator";
import type { RolloutEvent, RolloutSettings } from "../../../rollout";
import { withoutApiServer } from "../support/apiServerAway";
import { meshScrape } from "../support/meshScrape";
import { requireEngine } from "../support/program";
import { PrometheusServer } from "../support/prometheusServer";
import { closeStage, forgetRuns, journalOf, openStage, RolloutChild, type RolloutStage, weightsInCluster } from "../support/rollouts";
import { assertNoneFailed, pause } from "../support/traffic";

const STACK = "e2e-crash";
const LOAD_PER_SECOND = 100;
const LOAD_LIMIT_S = 240;
/** How many runs are killed, each at another moment. */
const KILLS = Number(process.env.ROLLOUT_KILLS || 3);

const SETTINGS: RolloutSettings = {
  target: "v2",
  steps: [20, 60],
  hold: 1,
  gates: [{ name: "success", kind: "success-rate", min: 98, minRequests: 20 }],
  limits: { interval: 1, stepDeadline: 120 },
  source: { envoy: { intervalSeconds: 1 } },
};

describe("a rollout in whose middle something breaks", function () {
  this.timeout("60m");
  let stage: RolloutStage;
  let configBefore: string;
  /** How long a run takes here, in ms. */
  let whole: number;

  before(async function () {
    stage = await openStage(await requireEngine(this), STACK);
    configBefore = await readFile(configFile(STACK), "utf8");
  });

  after(async () => {
    if (stage !== undefined) {
      await closeStage(stage);
    }
  });

  async function underLoad(work: () => Promise<void>): Promise<void> {
    const load = startLoad(LOAD_PER_SECOND, LOAD_LIMIT_S, { url: stage.url });
    await work().finally(() => load.stop());
    assertNoneFailed(await load.stop());
  }

  async function takeBack(): Promise<void> {
    assert.equal((await new RolloutChild(stage, "rollback", {}).ended()).type, "rolledBack");
    assert.deepEqual(await weightsInCluster(stage.kubectl), { v1: 100 });
    assert.equal(await readFile(configFile(STACK), "utf8"), configBefore);
  }

  it("is promoted when nothing breaks, for comparison", async () => {
    await underLoad(async () => {
      const began = performance.now();
      assert.equal((await new RolloutChild(stage, "start", SETTINGS).ended()).type, "promoted");
      whole = performance.now() - began;
    });
    await takeBack();
  });

  for (let kill = 1; kill <= KILLS; kill++) {
    it(`goes on to the same end after kill -9, ${kill} of ${KILLS}`, async () => {
      await forgetRuns(STACK);
      const after = Math.random() * whole;
      await underLoad(async () => {
        const child = new RolloutChild(stage, "start", SETTINGS);
        await pause(after);
        await child.kill();
        const seen = (await journalOf(stage)).at(-1)?.type ?? "nothing";
        console.log(`      killed after ${(after / 1000).toFixed(1)} s of ${(whole / 1000).toFixed(1)} s; last in the journal: ${seen}`);
        if (seen !== "promoted") {
          const end = await new RolloutChild(stage, seen === "nothing" ? "start" : "resume", SETTINGS).ended();
          assert.equal(end.type, "promoted", JSON.stringify(end));
        }
      });
      assert.deepEqual(await weightsInCluster(stage.kubectl), { v2: 100 });
      const events = await journalOf(stage);
      assert.deepEqual(events.map(({ type }) => type).filter(isEnd), ["promoted"]);
      await takeBack();
    });
  }

  it("waits for an API server that is away for 20 s", async () => {
    await forgetRuns(STACK);
    await underLoad(async () => {
      const child = new RolloutChild(stage, "start", { ...SETTINGS, limits: { ...SETTINGS.limits, stepDeadline: 300 } });
      await child.told("shifted");
      await withoutApiServer(20);
      const end = await child.ended();
      assert.equal(end.type, "promoted", JSON.stringify(child.events.filter(({ type }) => type === "noted" || type === "rollingBack")));
    });
    assert.deepEqual(await weightsInCluster(stage.kubectl), { v2: 100 });
    await takeBack();
  });

  it("rolls back by the deadline, without a failed request, when Prometheus goes away in the middle", async () => {
    await forgetRuns(STACK);
    const scrape = await meshScrape(stage.kubectl);
    const server = await PrometheusServer.start([scrape.config]);
    try {
      await underLoad(async () => {
        const settings: RolloutSettings = { ...SETTINGS, hold: 5, limits: { interval: 1, follow: 5, stepDeadline: 30 }, source: { prometheus: { url: server.url, timeoutSeconds: 2 } } };
        const child = new RolloutChild(stage, "start", settings);
        await child.told("held");
        await server.stop();
        const end = await child.ended();
        assert.equal(end.type, "rolledBack", JSON.stringify(end));
        const why = JSON.stringify(child.events.filter(({ type }) => type === "rollingBack"));
        assert.match(why, /"reason":"deadline".*step 2 .*success: /);
      });
      assert.deepEqual(await weightsInCluster(stage.kubectl), { v1: 100 });
      assert.equal(await readFile(configFile(STACK), "utf8"), configBefore);
    } finally {
      await server.stop();
      await scrape.forget();
    }
  });
});

function isEnd(type: RolloutEvent["type"]): boolean {
  return type === "promoted" || type === "rolledBack" || type === "failed";
}
