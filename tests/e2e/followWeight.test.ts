import assert from "node:assert/strict";
import type { Stack } from "@pulumi/pulumi/automation";
import { CanaryApp, type CanaryAppArgs } from "../../components";
import type { Engine } from "../../sandbox/engine/engine";
import { type StackPlace, openProgramStack, writeStackConfig } from "../../demo/programStack";
import { startLoad } from "../../demo/load/generator";
import { cluster } from "./support/cluster";
import { testEngine } from "./support/engine";
import { openInlineStack } from "./support/inlineStack";
import { UpProcess } from "./support/interrupted";
import { type SharedMesh, sharedMesh } from "./support/mesh";
import { upOperations } from "./support/operations";
import { assertNoneFailed, pause, untilAnswered } from "./support/traffic";
import { sampleReplicas, until } from "./support/workload";

const TOTAL = 4;
const LOAD_PER_SECOND = 100;
const LOAD_LIMIT_S = 180;

const versions = ["1.0", "2.0"].map((tag, index) => ({
  name: `v${index + 1}`,
  image: `docker.io/library/canary-demo:${tag}`,
}));
const pod = { readinessProbe: { http: { path: "/ready" }, periodSeconds: 1 } };

describe("pods that follow the weight", function () {
  this.timeout("20m");
  let engine: Engine;
  let mesh: SharedMesh;

  before(async () => {
    engine = await testEngine();
    mesh = await sharedMesh(engine);
  });

  const targetOf = (app: string) => ({ url: `http://${mesh.address}/`, headers: { host: `${app}.example.com` } });
  const routes = async (app: string) =>
    JSON.parse(
      await mesh.kubectl.run("get", "virtualservice", app, "-n", app, "-o", "jsonpath={.spec.http[0].route}"),
    ) as { weight?: number }[];
  const replicas = async (app: string) => {
    const text = await mesh.kubectl.run(
      "get",
      "deployments",
      "-n",
      app,
      "-o",
      "jsonpath={range .items[*]}{.metadata.name}={.spec.replicas} {end}",
    );
    return versions.map(({ name }) => Number(new RegExp(`${app}-${name}=(\\d+)`).exec(text)?.[1]));
  };
  const wanted = (weight: number) =>
    [100 - weight, weight].map((share) => Math.max(1, Math.ceil((TOTAL * share) / 100)));

  /**
   * Changes something under load: no request may fail, and at no moment may a version have fewer ready pods than its
   * share of the traffic needs.
   */
  async function watched(app: string, change: () => Promise<unknown>): Promise<void> {
    const sampling = sampleReplicas(mesh.kubectl, app, app);
    const load = startLoad(LOAD_PER_SECOND, LOAD_LIMIT_S, targetOf(app));
    await pause(1000);
    await change().finally(() => pause(1500));
    const [answers, samples] = await Promise.all([load.stop(), sampling.stop()]);
    assertNoneFailed(answers);
    assert.ok(
      answers.length > LOAD_PER_SECOND && samples.length >= 5,
      `${answers.length} requests, ${samples.length} samples only`,
    );
    for (const { weights, ready } of samples) {
      for (const [version, share] of Object.entries(weights)) {
        const needed = Math.ceil((TOTAL * share) / 100);
        assert.ok(
          (ready[version] ?? 0) >= needed,
          `${version} with ${share}% has ${ready[version]} ready pods, ${needed} are needed`,
        );
      }
    }
  }

  describe("in an up that ends well", () => {
    const APP = "follow";
    let stack: Stack;
    let asked: Pick<CanaryAppArgs, "weight" | "replicasFollowWeight"> = {
      weight: 25,
      replicasFollowWeight: { total: TOTAL },
    };

    before(async () => {
      stack = await openInlineStack(engine, APP, async () => {
        new CanaryApp(APP, {
          versions,
          pod,
          ...asked,
          hosts: [`${APP}.example.com`],
          mesh: { install: false, gateway: { address: mesh.address } },
        });
      });
      await stack.up();
      await untilAnswered(targetOf(APP));
    });

    it("are there in their shares", async () => {
      assert.deepEqual(await replicas(APP), [3, 1]);
      assert.deepEqual(await upOperations(stack), []);
    });

    for (const weight of [75, 0, 100]) {
      it(`come before their traffic at ${weight}%, and go after it, without a failed request`, async () => {
        await watched(APP, async () => {
          asked = { ...asked, weight };
          assert.deepEqual([...new Set((await upOperations(stack)).map(({ op }) => op))], ["update"]);
        });
        assert.deepEqual(await replicas(APP), wanted(weight));
      });
    }

    it("are left alone by an up that changes nothing", async () => assert.deepEqual(await upOperations(stack), []));

    it("are refused with --parallel 1, with what to do", async () => {
      asked = { ...asked, weight: 10 };
      await assert.rejects(
        stack.up({ parallel: 1 }),
        /replicasFollowWeight needs Pulumi to update two resources at the same time; run pulumi with --parallel 2 or more/,
      );
      assert.deepEqual(await replicas(APP), wanted(100));
    });

    it("have a fixed number again without replicasFollowWeight", async () => {
      asked = { weight: 100 };
      await watchedLoad(() => stack.up());
      assert.deepEqual(await replicas(APP), [1, 1]);
      await stack.refresh();
      assert.deepEqual(await upOperations(stack), []);
    });

    /** As {@link watched}, for pods that no longer follow. */
    async function watchedLoad(change: () => Promise<unknown>): Promise<void> {
      const load = startLoad(LOAD_PER_SECOND, LOAD_LIMIT_S, targetOf(APP));
      await change().finally(() => pause(1500));
      assertNoneFailed(await load.stop());
    }
  });

  describe("in an up that is cut off", () => {
    const APP = "cut";
    const STACK = "e2e-cut";
    let place: StackPlace;
    let stack: Stack;

    const configOf = (weight: number) => ({
      appName: APP,
      versions,
      pod,
      weight,
      routes: [{}],
      hosts: [`${APP}.example.com`],
      replicasFollowWeight: { total: TOTAL },
      mesh: { install: false, gateway: { address: mesh.address } },
      // Long enough that every moment of an up can be met.
      transition: { settleSeconds: 3, drainSeconds: 4 },
    });

    before(async () => {
      const { kubeconfig, stateFolder } = await cluster();
      place = { name: STACK, stateFolder, kubeconfig };
      stack = await openProgramStack({ ...place, config: configOf(0) }, engine);
      await stack.up();
      await untilAnswered(targetOf(APP));
    });

    /** Moments of an `up` to a weight, by what the cluster shows. */
    const MOMENTS = {
      "the pods that come are not yet ready": async (weight: number) => {
        const [now, all] = [await replicas(APP), wanted(weight)];
        return now.some((count, index) => count > wanted(100 - weight)[index] && count === all[index]);
      },
      "the traffic has moved and the pods that go are still there": async (weight: number) =>
        (await routes(APP))[1].weight === weight,
    };

    const CUTS = [
      { weight: 100, moment: "the pods that come are not yet ready", how: "interrupt" },
      { weight: 0, moment: "the traffic has moved and the pods that go are still there", how: "kill" },
    ] as const;

    for (const { weight, moment, how } of CUTS) {
      const told = how === "kill" ? "by kill -9" : "by SIGINT";
      it(`are healed by the next one, after one to ${weight}% that was cut off ${told} when ${moment}`, async () => {
        await watched(APP, async () => {
          await writeStackConfig({ ...place, config: configOf(weight) });
          const up = new UpProcess(engine, place);
          const reached = MOMENTS[moment];
          await until(moment, async () => !up.runs || (await reached(weight)), 60);
          assert.ok(up.runs, "the up had ended before");
          const { code, output } = await up[how]();
          assert.notEqual(code, 0, `the up was not cut off: ${output}`);
          await pause(2000); // the cluster as it was left
          if (how === "kill") {
            await stack.cancel(); // the lock of a process that is no more
          }
          await stack.up();
        });
        assert.deepEqual(await replicas(APP), wanted(weight));
        assert.equal((await routes(APP))[1].weight ?? 0, weight);
        assert.deepEqual(await upOperations(stack), []);
      });
    }
  });
});
