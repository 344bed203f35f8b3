import assert from "node:assert/strict";
import { startLoad } from "../../../demo/load/generator";
import type { Answer } from "../../../demo/load/request";
import { countByVersion } from "../../../demo/load/shares";
import type { RolloutEvent, RolloutSettings } from "../../../src/rollout";
import { RolloutChild, weightsInCluster } from "../support/rollouts";
import { suiteStage } from "../support/suiteStage";
import { assertNoneFailed } from "../support/traffic";

const LOAD_PER_SECOND = 100;
const LOAD_LIMIT_S = 300;
const BETA = { "x-beta": "yes" };

const SETTINGS: RolloutSettings = {
  hold: 2,
  gates: [{ name: "success", kind: "success-rate", min: 98, minRequests: 50 }],
  limits: { interval: 1, failureThreshold: 2, stepDeadline: 60 },
  source: { envoy: { intervalSeconds: 1 } },
};

describe("a rollout that tries a version before it gets a share", function () {
  this.timeout("20m");
  const suite = suiteStage();
  const begin = (settings: RolloutSettings) => new RolloutChild(suite.stage, "start", { ...SETTINGS, ...settings });

  const routesInCluster = () =>
    suite.stage.kubectl.run("get", "virtualservice", "-n", "myapp", "myapp", "-o", "jsonpath={.spec.http}");

  it("rolls back a version that fails on mirrored requests, of which no user has seen a response", async () => {
    const child = begin({ target: "failing", strategy: "blue-green", mirror: { hold: "30s" } });
    const { result: end, answers } = await suite.underLoad(LOAD_PER_SECOND, () => child.ended());
    assert.ok(end.type === "rolledBack" && end.reason === "gate", JSON.stringify(end));
    assert.deepEqual(Object.keys(countByVersion(answers)), ["1.0"]);
    assert.equal(end.users?.failures, 0);
    await suite.assertAsBefore();
  });

  it("removes the testers' routes in a rollback, too", async () => {
    const before = await routesInCluster();
    const child = begin({
      target: "failing",
      match: [{ headers: { "x-beta": { exact: BETA["x-beta"] } } }],
      steps: [50],
      hold: "30s",
    });
    const testers = startLoad(LOAD_PER_SECOND / 10, LOAD_LIMIT_S, { url: suite.stage.url, headers: BETA });
    const { result: end } = await suite.underLoad(LOAD_PER_SECOND, () => child.ended()).finally(() => testers.stop());
    assert.ok(end.type === "rolledBack" && end.reason === "gate", JSON.stringify(end));
    await suite.assertAsBefore();
    assert.equal(await routesInCluster(), before);
  });

  it("gives the version to those who match, and to nobody else, before all get it", async () => {
    const child = begin({
      target: "v2",
      strategy: "ab",
      match: [{ headers: { "x-beta": { exact: BETA["x-beta"] } } }],
      iterations: 2,
    });
    const beta = startLoad(LOAD_PER_SECOND, LOAD_LIMIT_S, { url: suite.stage.url, headers: BETA });
    const { result: end, answers: others } = await suite
      .underLoad(LOAD_PER_SECOND, () => child.ended())
      .finally(() => beta.stop());
    const ours = await beta.stop();
    assert.equal(end.type, "promoted", JSON.stringify(end));
    [ours, others].forEach((answers) => assertNoneFailed(answers));
    const [from, to] = [timeOf(child.events, "converged", 0) + SPREAD_MS, timeOf(child.events, "shifting", 2)];
    assert.deepEqual(
      [ours, others].map((answers) => Object.keys(countByVersion(sentBetween(answers, from, to)))),
      [["2.0"], ["1.0"]],
    );
    assert.deepEqual(await weightsInCluster(suite.stage.kubectl), { v2: 100 });
    assert.doesNotMatch(await suite.config(), /x-beta/);
  });

  it("mirrors first and shifts then", async () => {
    const child = begin({ target: "v1", mirror: { percent: 50, hold: 2 }, steps: [50] });
    const { result: end, answers } = await suite.underLoad(LOAD_PER_SECOND, () => child.ended());
    assert.equal(end.type, "promoted", JSON.stringify(end));
    assertNoneFailed(answers);
    const [from, to] = [timeOf(child.events, "converged", 0), timeOf(child.events, "shifting", 1)];
    assert.deepEqual(Object.keys(countByVersion(sentBetween(answers, from, to))), ["2.0"]);
    assert.deepEqual(await weightsInCluster(suite.stage.kubectl), { v1: 100 });
    assert.doesNotMatch(await suite.config(), /mirrors/);
  });

  it("gives testers the version whatever its weight, while all others are split", async () => {
    const child = begin({ target: "v2", match: [{ headers: { "x-beta": { exact: BETA["x-beta"] } } }], steps: [10] });
    const testers = startLoad(LOAD_PER_SECOND, LOAD_LIMIT_S, { url: suite.stage.url, headers: BETA });
    const { result: end, answers: others } = await suite
      .underLoad(LOAD_PER_SECOND, () => child.ended())
      .finally(() => testers.stop());
    const ours = await testers.stop();
    assert.equal(end.type, "promoted", JSON.stringify(end));
    [ours, others].forEach((answers) => assertNoneFailed(answers));
    const versionsSeen = (from: number, to: number) =>
      [ours, others].map((answers) => Object.keys(countByVersion(sentBetween(answers, from, to))).sort());
    const { events } = child;
    assert.deepEqual(
      versionsSeen(timeOf(events, "converged", 0) + SPREAD_MS, timeOf(events, "shifting", 1)),
      [["2.0"], ["1.0"]],
      "at 0%",
    );
    assert.deepEqual(
      versionsSeen(timeOf(events, "converged", 1) + SPREAD_MS, timeOf(events, "shifting", 2)),
      [["2.0"], ["1.0", "2.0"]],
      "at 10%",
    );
    const converged = events.filter((event) => event.type === "converged");
    assert.equal(converged[2].unverified, undefined);
    assert.ok(
      converged.every(({ seconds }) => seconds < 35),
      "testers' requests do not keep the run",
    );
    assert.deepEqual(await weightsInCluster(suite.stage.kubectl), { v2: 100 });
    assert.doesNotMatch(await suite.config(), /x-beta/);
    assert.equal((await routesInCluster()).includes("x-beta"), false);
  });
});

/** Until all proxies have a route for certain, after the `up` that made it. */
const SPREAD_MS = 1000;

/** When an event of a step happened, in ms since the epoch. */
function timeOf(events: readonly RolloutEvent[], type: RolloutEvent["type"], step: number): number {
  return Date.parse(
    events.find((event) => event.type === type && "step" in event && event.step === step)?.at ??
      assert.fail(`there is no ${type} of step ${step}`),
  );
}

/** The answers of requests that were sent in a span, in ms since the epoch. */
function sentBetween(answers: readonly Answer[], from: number, to: number): Answer[] {
  return answers.filter(({ sentAt }) => performance.timeOrigin + sentAt > from && performance.timeOrigin + sentAt < to);
}
