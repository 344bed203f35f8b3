import assert from "node:assert/strict";
import type { Stack } from "@pulumi/pulumi/automation";
import { CanaryApp } from "../../components";
import { startLoad } from "../../demo/load/generator";
import { testEngine } from "./support/engine";
import { openInlineStack } from "./support/inlineStack";
import { type SharedMesh, sharedMesh } from "./support/mesh";
import { installMetricsServer, removeMetricsServer, untilMeasured } from "./support/metricsServer";
import { upOperations } from "./support/operations";
import { assertNoneFailed, untilAnswered } from "./support/traffic";
import { until } from "./support/workload";

const NAMESPACE = "autoscaling";
const HOST = "autoscaling.example.com";
const LOAD_PER_SECOND = 300;
const LOAD_LIMIT_S = 240;

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
        // Idle, a pod and its proxy use a few thousandths of a processor; under load, more than these 10 + 10 by far.
        pod: {
          resources: { requests: { cpu: "10m" } },
          annotations: { "sidecar.istio.io/proxyCPU": "10m" },
          readinessProbe: { http: { path: "/ready" }, periodSeconds: 1 },
        },
        versions: [
          { name: "v1", image: "docker.io/library/canary-demo:1.0" },
          {
            name: "v2",
            image: "docker.io/library/canary-demo:2.0",
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

  it("gets pods with its load and loses them after it, alone, without a failed request, and pulumi up leaves their number be", async () => {
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
