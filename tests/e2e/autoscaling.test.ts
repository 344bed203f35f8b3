import assert from "node:assert/strict";
import type { Stack } from "@pulumi/pulumi/automation";
import { CanaryApp, type CanaryAppArgs } from "../../components";
import { startLoad } from "../../demo/load/generator";
import { testEngine } from "./support/engine";
import { openInlineStack } from "./support/inlineStack";
import { type SharedMesh, sharedMesh } from "./support/mesh";
import { installMetricsServer, removeMetricsServer, untilMeasured } from "./support/metricsServer";
import { upOperations } from "./support/operations";
import { assertNoneFailed, pause, untilAnswered } from "./support/traffic";
import { sampleReplicas, until } from "./support/workload";

const NAMESPACE = "autoscaling";
const HOST = "autoscaling.example.com";
const LOAD_PER_SECOND = 300;
const LOAD_LIMIT_S = 240;
/** Idle, a pod and its proxy use a few thousandths of a processor; under load, more than these 10 + 10 by far. */
const POD = {
  resources: { requests: { cpu: "10m" } },
  annotations: { "sidecar.istio.io/proxyCPU": "10m" },
  readinessProbe: { http: { path: "/ready" }, periodSeconds: 1 },
};
const image = (tag: string) => `docker.io/library/canary-demo:${tag}`;

describe("a version that scales by what its pods use, by the Automation API", function () {
  this.timeout("10m");
  let mesh: SharedMesh;
  let stack: Stack;
  let target: { url: string; headers: Record<string, string> };

  const replicas = async (version: string) =>
    Number(
      await mesh.kubectl.run(
        "get",
        "deployment",
        `shop-${version}`,
        "-n",
        NAMESPACE,
        "-o",
        "jsonpath={.status.readyReplicas}",
      ),
    );

  before(async () => {
    const engine = await testEngine();
    mesh = await sharedMesh(engine);
    target = { url: `http://${mesh.address}/any/path`, headers: { host: HOST } };
    await installMetricsServer(mesh.kubectl);
    stack = await openInlineStack(engine, "autoscaling", async () => {
      new CanaryApp("shop", {
        namespace: { name: NAMESPACE },
        hosts: [HOST],
        mesh: { install: false },
        pod: POD,
        versions: [
          { name: "v1", image: image("1.0") },
          {
            name: "v2",
            image: image("2.0"),
            autoscaling: {
              maxReplicas: 3,
              cpuPercent: 200,
              behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
            },
          },
        ],
        weight: 100,
      });
    });
    await stack.up();
    await untilAnswered(target);
    await untilMeasured(mesh.kubectl, NAMESPACE);
  });

  after(() => mesh && removeMetricsServer(mesh.kubectl));

  it("gets more pods under load and fewer afterwards, without a failed request, and pulumi up leaves their number alone", async () => {
    const heavy = startLoad(LOAD_PER_SECOND, LOAD_LIMIT_S, target);
    await until("the load has brought pods", async () => (await replicas("v2")) > 1, 180).finally(async () =>
      assertNoneFailed(await heavy.stop(), "while pods came: "),
    );
    assert.equal(await replicas("v1"), 1);
    assert.deepEqual(await upOperations(stack), []);
    const light = startLoad(1, LOAD_LIMIT_S, target);
    await until("they go without the load", async () => (await replicas("v2")) === 1, 180).finally(async () =>
      assertNoneFailed(await light.stop(), "while pods went: "),
    );
    assert.deepEqual(await upOperations(stack), []);
  });
});

/** A version's Deployment and autoscaler, with the fields that decide the number of pods. */
interface Numbers {
  replicas: number;
  ready: number;
  /** The autoscaler's minimum; undefined without an autoscaler. */
  least?: number;
}

/** Reads the numbers of an app's versions in the namespace with its name. */
async function numbersOf(mesh: SharedMesh, app: string): Promise<Record<string, Numbers>> {
  const { items } = JSON.parse(await mesh.kubectl.run("get", "deployments,hpa", "-n", app, "-o", "json")) as {
    items: any[];
  };
  const ofKind = (kind: string) => items.filter((item) => item.kind === kind);
  return Object.fromEntries(
    ofKind("Deployment").map(({ metadata, spec, status }) => [
      metadata.labels.version,
      {
        replicas: spec.replicas,
        ready: status.readyReplicas ?? 0,
        least: ofKind("HorizontalPodAutoscaler").find((each) => each.metadata.name === metadata.name)?.spec.minReplicas,
      },
    ]),
  );
}

describe("a version whose number of pods someone else decides, by the Automation API", function () {
  this.timeout("10m");
  const APP = "external";
  let mesh: SharedMesh;
  let stack: Stack;
  let target: { url: string; headers: Record<string, string> };
  const pod = (flag: string) => ({ ...POD, env: { FLAG: flag } });
  let asked: Pick<CanaryAppArgs, "pod" | "versions" | "weight"> = {
    pod: pod("a"),
    versions: [{ name: "v1", image: image("1.0"), replicas: 3 }],
  };

  const replicas = async () => (await numbersOf(mesh, APP)).v1.replicas;
  const scale = (count: number) =>
    mesh.kubectl.run("scale", "deployment", `${APP}-v1`, "-n", APP, `--replicas=${count}`);

  /** Makes a change under load: no request may fail, and there are never fewer pods than before. */
  async function keeping(count: number, change: () => Promise<unknown>): Promise<void> {
    const load = startLoad(50, LOAD_LIMIT_S, target);
    const seen: number[] = [];
    let changing = true;
    const looking = (async () => {
      while (changing) {
        seen.push(await replicas());
      }
    })();
    await change().finally(() => (changing = false));
    await looking;
    assertNoneFailed(await load.stop());
    assert.deepEqual([...new Set(seen)], [count]);
    assert.equal(await replicas(), count);
  }

  before(async () => {
    const engine = await testEngine();
    mesh = await sharedMesh(engine);
    target = { url: `http://${mesh.address}/`, headers: { host: `${APP}.example.com` } };
    stack = await openInlineStack(engine, APP, async () => {
      new CanaryApp(APP, { ...asked, hosts: [`${APP}.example.com`], mesh: { install: false } });
    });
    await stack.up();
    await untilAnswered(target);
  });

  it("keeps its pods in the update that turns externalScaling on", async () => {
    asked = { ...asked, versions: [{ name: "v1", image: image("1.0"), externalScaling: true }] };
    await keeping(3, async () =>
      assert.deepEqual(
        (await upOperations(stack)).map(({ op, name }) => `${op} ${name}`),
        [`update ${APP}-v1`],
      ),
    );
    assert.deepEqual(await upOperations(stack), []);
  });

  it("keeps the number that kubectl scale gave it, in updates and after a refresh", async () => {
    await scale(5);
    assert.deepEqual(await upOperations(stack), []);
    asked = { ...asked, pod: pod("b") };
    await keeping(5, () => stack.up());
    await stack.refresh();
    asked = { ...asked, pod: pod("c") };
    await keeping(5, () => stack.up());
    assert.equal((await numbersOf(mesh, APP)).v1.ready, 5);
  });

  it("waits until all of them are ready", async () => {
    await scale(2);
    asked = { ...asked, pod: pod("d") };
    await stack.up();
    assert.deepEqual((await numbersOf(mesh, APP)).v1, { replicas: 2, ready: 2, least: undefined });
  });

  it("starts with one pod where it is new", async () => {
    const v2 = { name: "v2", image: image("2.0"), externalScaling: true };
    asked = { ...asked, versions: [...asked.versions, v2], weight: 0 };
    await stack.up();
    assert.equal((await numbersOf(mesh, APP)).v2.replicas, 1);
    await mesh.kubectl.run("scale", "deployment", `${APP}-v2`, "-n", APP, "--replicas=3");
    asked = { ...asked, pod: pod("e") };
    await stack.up();
    assert.equal((await numbersOf(mesh, APP)).v2.replicas, 3);
  });

  it("has its declared number again once externalScaling is off", async () => {
    asked = { pod: asked.pod, versions: [{ name: "v1", image: image("1.0"), replicas: 2 }] };
    await stack.up();
    assert.equal(await replicas(), 2);
  });
});

describe("autoscaled versions whose pods come before their traffic, by the Automation API", function () {
  this.timeout("10m");
  const APP = "prescale";
  let mesh: SharedMesh;
  let stack: Stack;
  let target: { url: string; headers: Record<string, string> };
  let weight = 100;
  const autoscaling = {
    maxReplicas: 4,
    cpuPercent: 500,
    prescale: true,
    behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
  };
  // There are no metrics here: a raised minimum, set by hand, stands for load that has brought more pods.
  const keep = (version: string, minReplicas: number) =>
    mesh.kubectl.run(
      "patch",
      "hpa",
      `${APP}-${version}`,
      "-n",
      APP,
      "--type=merge",
      "--patch",
      JSON.stringify({ spec: { minReplicas } }),
    );

  /** Waits until a version's autoscaler reports this many pods. */
  const untilKnown = (version: string, pods: number) =>
    until(
      `the autoscaler of ${version} knows its pods`,
      async () => {
        const path = "jsonpath={.status.currentReplicas}";
        return (await mesh.kubectl.run("get", "hpa", `${APP}-${version}`, "-n", APP, "-o", path)) === String(pods);
      },
      60,
    );

  before(async () => {
    const engine = await testEngine();
    mesh = await sharedMesh(engine);
    target = { url: `http://${mesh.address}/`, headers: { host: `${APP}.example.com` } };
    stack = await openInlineStack(engine, APP, async () => {
      new CanaryApp(APP, {
        pod: POD,
        versions: ["1.0", "2.0"].map((tag, index) => ({ name: `v${index + 1}`, image: image(tag), autoscaling })),
        weight,
        hosts: [`${APP}.example.com`],
        mesh: { install: false },
      });
    });
    await stack.up();
    await untilAnswered(target);
    await keep("v2", 4);
    await until("v2 has its pods", async () => (await numbersOf(mesh, APP)).v2.ready === 4, 90);
    await untilKnown("v2", 4);
  });

  it("get their share of the pods that serve, ready, before the routes change", async () => {
    assert.equal((await numbersOf(mesh, APP)).v1.replicas, 1);
    const sampling = sampleReplicas(mesh.kubectl, APP, APP);
    const load = startLoad(50, LOAD_LIMIT_S, target);
    weight = 0;
    await stack.up().finally(() => pause(1500));
    const [answers, samples] = await Promise.all([load.stop(), sampling.stop()]);
    assertNoneFailed(answers);
    for (const { ready } of samples.filter((each) => each.weights.v1 === 100)) {
      assert.ok((ready.v1 ?? 0) >= 4, `v1 has all traffic and ${ready.v1} ready pods`);
    }
    assert.ok(samples.some(({ weights }) => weights.v1 === 100));
    assert.deepEqual((await numbersOf(mesh, APP)).v1, { replicas: 4, ready: 4, least: 4 });
  });

  it("have their declared minReplicas again after the next up", async () => {
    const operations = (await upOperations(stack)).map(({ op, name, changed }) => [op, name, ...changed].join(" "));
    assert.ok(operations.includes(`update ${APP}-v1 spec.minReplicas`), operations.join(", "));
    assert.ok(!operations.some((each) => each.startsWith(`update ${APP}-routes`)), operations.join(", "));
    const { v1 } = await numbersOf(mesh, APP);
    assert.equal(v1.least, 1);
    assert.deepEqual(await upOperations(stack), []);
  });

  it("get no more for a step than their share of it", async () => {
    await keep("v2", 1);
    await mesh.kubectl.run("scale", "deployment", `${APP}-v2`, "-n", APP, "--replicas=1");
    await untilKnown("v1", 4);
    weight = 50;
    await stack.up();
    const { v2 } = await numbersOf(mesh, APP);
    assert.deepEqual([v2.least, v2.ready >= 2], [2, true]);
  });
});
