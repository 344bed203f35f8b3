import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, systemClock } from "../../../../src/rollout/runner/clock";
import type { Rollout } from "../../../../src/rollout/runner/launch";
import { PlanOutdatedError } from "../../../../src/rollout/runner/planBasis";
import { planRollout, startRollout } from "../../../../src/rollout/runner/rollouts";
import { sentence } from "../../../../src/rollout/report/sentence";
import { StackLockedError } from "../../../../src/rollout/runner/stackLock";
import { StackFolder } from "./stackFolder";

const CONFIG = `config:
  shop:appName: shop
  shop:versions: [{ name: v1, image: "shop:1" }, { name: v2, image: "shop:2" }]
  shop:weight: 0
  shop:token: { secure: v1:abc }
`;
const UNSUPPORTED = "error: stack tags are not supported by this backend";

/** The system's time, with short sleeps: nobody else wants the stack. */
const clock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / 50, signal),
};

describe("a planned rollout", function () {
  this.timeout("2m");
  let folder: StackFolder;

  beforeEach(() => {
    folder = new StackFolder(CONFIG);
    folder.write("bin/broken", UNSUPPORTED);
    folder.setWeightsInState({ v1: 100, v2: 0 });
  });
  afterEach(() => folder.remove());

  const plan = () => planRollout({ ...folder.reference, clock, by: "ann", settings: { steps: [10] } });

  async function refusal(started: Promise<Rollout>): Promise<Error> {
    const error: Error = await started.then(
      () => assert.fail("it was started"),
      (thrown: Error) => thrown,
    );
    assert.equal(existsSync(join(folder.path, "Pulumi.dev.rollout.lock")), false);
    return error;
  }

  async function notesOf(rollout: Rollout): Promise<string> {
    const { events } = await rollout.result;
    return events.flatMap((event) => (event.type === "logged" ? [event.text] : [])).join("\n");
  }

  it("is started as it was planned, with what it was planned with and what its start adds", async () => {
    const planned = await plan();
    const rollout = await startRollout(planned, { by: "bob" });
    assert.deepEqual(rollout.plan, planned.plan);
    assert.equal(rollout.state.by, "bob");
    assert.doesNotMatch(await notesOf(rollout), /is not known/);
  });

  const changes: [what: string, config: string, named: RegExp][] = [
    ["a value", CONFIG.replace("weight: 0", "weight: 1"), /^Pulumi\.dev\.yaml .* planned \(shop:weight\)\. /],
    ["a secret", CONFIG.replace("v1:abc", "v1:xyz"), /planned \(shop:token\)\. /],
    [
      "a key that goes, and one that comes",
      CONFIG.replace("weight:", "more:"),
      /planned \(shop:more, shop:weight\)\. /,
    ],
    ["anything else", `environment: [prod]\n${CONFIG}`, /planned\. /],
  ];
  for (const [what, config, named] of changes) {
    it(`is refused if the stack's config has changed since: ${what}`, async () => {
      const planned = await plan();
      folder.write("Pulumi.dev.yaml", config);
      const error = await refusal(startRollout(planned));
      assert.ok(error instanceof PlanOutdatedError, error.message);
      assert.match(error.message, named);
      assert.equal(existsSync(join(folder.path, "Pulumi.dev.rollout.jsonl")), false);
    });
  }

  it("is refused if weights have come into the state since, or their state cannot be read any more", async () => {
    folder.write("bin/state", JSON.stringify({ deployment: {} }));
    const planned = await plan();
    folder.setWeightsInState({ v1: 100 });
    assert.match((await refusal(startRollout(planned))).message, /were not known when .* are v1 100 now/);
    folder.write("bin/state", "{}");
    await (
      await startRollout(planned)
    ).result;
    folder.write("bin/state", "no JSON");
    await refusal(startRollout(planned));
  });

  it("takes weights that name a version without a share for the same", async () => {
    const planned = await plan();
    folder.setWeightsInState({ v1: 100 });
    await (
      await startRollout(planned)
    ).result;
  });

  it("is started all the same, and says so, where the state could not be read for it", async () => {
    folder.write("bin/state", "no JSON");
    const planned = await plan();
    folder.setWeightsInState({ v1: 100, v2: 0 });
    const notes = await notesOf(await startRollout(planned));
    assert.match(notes, /cannot tell whether the stack's weights have changed since the plan was made: /);
  });

  it("is refused where the state cannot be read when it begins: the cluster of its figures is not known", async () => {
    const planned = await plan();
    folder.write("bin/state", "no JSON");
    assert.match(
      (await refusal(startRollout({ ...folder.reference, clock, settings: { steps: [10] } }))).message,
      /^the state of the stack cannot be read, so the cluster of its objects is not known \(pulumi stack export printed/,
    );
    assert.match((await refusal(startRollout(planned))).message, /printed no JSON/);
  });

  it("names the cluster in its first line: that of the Deployment's provider", async () => {
    const provider = "urn:pulumi:dev::shop::pulumi:providers:kubernetes::prod";
    const [staging, prod] = ["staging", "prod"].map((name) => ({
      cluster: { name, cluster: { server: `https://${name}.example.com` } },
      context: { name, context: { cluster: name } },
    }));
    const kubeconfig = {
      "current-context": "staging",
      clusters: [staging.cluster, prod.cluster],
      contexts: [staging.context, prod.context],
    };
    folder.write("kubeconfig", JSON.stringify(kubeconfig));
    const resources = [
      { type: "pulumi:pulumi:Stack", outputs: { weights: { v1: 100, v2: 0 } } },
      { urn: provider, type: "pulumi:providers:kubernetes", inputs: { kubeconfig: "./kubeconfig", context: "prod" } },
      {
        urn: "urn:pulumi:dev::shop::kubernetes:apps/v1:Deployment::shop-v1",
        type: "kubernetes:apps/v1:Deployment",
        provider: `${provider}::id`,
        inputs: { metadata: { name: "shop-v1", namespace: "shop", labels: { app: "shop" } } },
      },
    ];
    folder.write("bin/state", JSON.stringify({ deployment: { resources } }));
    const { events } = await (await startRollout(await plan())).result;
    const [first] = events;
    assert.ok(first.type === "started");
    assert.deepEqual(first.cluster, { server: "https://prod.example.com", context: "prod" });
    assert.match(
      sentence(first, first.plan),
      /^ann rolls out v2 of shop \(canary\) on https:\/\/prod\.example\.com \(context prod\): /,
    );
  });

  it("is refused while another run has the stack, whatever it has changed", async () => {
    const planned = await plan();
    const { events } = await (await startRollout(await plan())).result;
    const [started] = readFileSync(join(folder.path, "Pulumi.dev.rollout.jsonl"), "utf8").split("\n");
    folder.write("Pulumi.dev.rollout.jsonl", `${started}\n`);
    folder.write("Pulumi.dev.yaml", CONFIG.replace("weight: 0", "weight: 1"));
    const error = await refusal(startRollout(planned));
    assert.ok(error instanceof StackLockedError, error.message);
    assert.match(error.message, new RegExp(`run ${events[0].run} of ann .*it has not ended`));
  });

  it("may be planned and started at once", async () => {
    const rollout = await startRollout({ ...folder.reference, clock, settings: { steps: [10] } });
    assert.doesNotMatch(await notesOf(rollout), /is not known/);
    assert.deepEqual(rollout.plan, (await plan()).plan);
  });
});
