import assert from "node:assert/strict";
import type { Answer } from "../../../demo/load/request";
import { failures } from "../../../demo/load/shares";
import type { RolloutEvent, RolloutSettings } from "../../../src/rollout";
import { withoutApiServer } from "../support/apiServerAway";
import { tellKilledRun } from "../support/killedRun";
import { meshScrape } from "../support/meshScrape";
import { PrometheusServer } from "../support/prometheusServer";
import { journalOf, RolloutChild, weightsInCluster } from "../support/rollouts";
import { suiteStage } from "../support/suiteStage";
import { assertNoneFailed, pause } from "../support/traffic";

const LOAD_PER_SECOND = 100;
/** How many runs are killed, each at another moment. */
const KILLS = Number(process.env.ROLLOUT_KILLS || 2);

const SETTINGS: RolloutSettings = {
  steps: [20, 60],
  hold: 1,
  gates: [{ name: "success", kind: "success-rate", min: 98, minRequests: 20 }],
  limits: { interval: 1, stepDeadline: 120 },
  source: { envoy: { intervalSeconds: 1 } },
};

describe("a rollout that is disturbed halfway", function () {
  this.timeout("60m");
  const suite = suiteStage();
  /**
   * The version with all traffic, and the target of the next run: they alternate, so that no run has to be rolled back
   * for the next.
   */
  let [here, next] = ["v1", "v2"];
  /** How long a run takes here, in ms. */
  let whole: number;

  const begin = (what: "start" | "resume", settings: RolloutSettings = SETTINGS) =>
    new RolloutChild(suite.stage, what, { ...settings, target: next });
  const weights = () => weightsInCluster(suite.stage.kubectl);

  /**
   * Something that ends with the promotion of the next version, without a failed request. It can inspect what it has
   * written into the journal.
   */
  async function promotes(
    work: (written: () => Promise<RolloutEvent[]>) => Promise<RolloutEvent>,
    tell: (end: RolloutEvent, answers: Answer[]) => void = () => undefined,
  ): Promise<void> {
    const before = (await journalOf(suite.stage)).length;
    const written = async () => (await journalOf(suite.stage)).slice(before);
    const { result: end, answers } = await suite.underLoad(LOAD_PER_SECOND, () => work(written));
    tell(end, answers);
    assert.equal(end.type, "promoted", JSON.stringify(end));
    [here, next] = [next, here];
    assertNoneFailed(answers);
    assert.deepEqual(await weights(), { [here]: 100 });
    assert.deepEqual((await written()).map(({ type }) => type).filter(isEnd), ["promoted"]);
  }

  it("is promoted when nothing breaks, for comparison", async () => {
    await promotes(async () => {
      const began = performance.now();
      const end = await begin("start").ended();
      whole = performance.now() - began;
      return end;
    });
  });

  for (let kill = 1; kill <= KILLS; kill++) {
    it(`goes on to the same end after kill -9, ${kill} of ${KILLS}`, async () => {
      const after = Math.random() * whole;
      let journal = "nothing";
      const killed = async (written: () => Promise<RolloutEvent[]>) => {
        const child = begin("start");
        await pause(after);
        await child.kill();
        const last = (await written()).at(-1);
        journal = last?.type ?? journal;
        return last?.type === "promoted" ? last : begin(last === undefined ? "start" : "resume").ended();
      };
      await promotes(killed, ({ type: end }, answers) =>
        tellKilledRun({ after, whole, journal, end, requests: answers.length, failed: failures(answers).length }),
      );
    });
  }

  it("waits for an API server that is away for 20 s", async () => {
    await promotes(async () => {
      const child = begin("start", { ...SETTINGS, limits: { ...SETTINGS.limits, stepDeadline: 300 } });
      await child.told("shifted");
      await withoutApiServer(20);
      return child.ended();
    });
  });

  it("rolls back by the deadline, without a failed request, when Prometheus goes away in the middle", async () => {
    const configBefore = await suite.config();
    const scrape = await meshScrape(suite.stage.kubectl);
    const server = await PrometheusServer.start([scrape.config]);
    try {
      const child = begin("start", {
        ...SETTINGS,
        hold: 3,
        limits: { interval: 1, convergenceTimeout: 5, stepDeadline: 25 },
        source: { prometheus: { url: server.url, timeoutSeconds: 2 } },
      });
      const { result: end, answers } = await suite.underLoad(LOAD_PER_SECOND, async () => {
        await child.told("held");
        await server.stop();
        return child.ended();
      });
      assert.equal(end.type, "rolledBack", JSON.stringify(end));
      assertNoneFailed(answers);
      const why = JSON.stringify(child.events.filter(({ type }) => type === "rollingBack"));
      assert.match(why, /"reason":"deadline".*step 2 .*success: /);
      assert.deepEqual(await weights(), { [here]: 100 });
      assert.equal(await suite.config(), configBefore);
    } finally {
      await server.stop();
      await scrape.forget();
    }
  });
});

function isEnd(type: RolloutEvent["type"]): boolean {
  return type === "promoted" || type === "rolledBack" || type === "failed";
}
