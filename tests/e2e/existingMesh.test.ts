import assert from "node:assert/strict";
import type { Stack } from "@pulumi/pulumi/automation";
import { CanaryApp, type CanaryAppArgs } from "../../components";
import { sendMany } from "../../demo/load/generator";
import { clusterGround } from "./support/cluster";
import { testEngine } from "./support/engine";
import { openInlineStack } from "./support/inlineStack";
import { type SharedMesh, sharedMesh } from "./support/mesh";
import { upOperations } from "./support/operations";
import { assertSharesOf, pause, untilAnswered } from "./support/traffic";

const HOST = "shop.example.com";
const NAMESPACE = "shop";

describe("an app in a mesh and a namespace that are there already, by the Automation API", function () {
  this.timeout("20m");
  let mesh: SharedMesh;
  let stack: Stack;
  let asked: Pick<CanaryAppArgs, "versions" | "weights">;

  const image = (version: string) => `docker.io/library/canary-demo:${version}`;
  const load = () => ({ url: `http://${mesh.address}/any/path`, headers: { host: HOST } });

  before(async () => {
    const engine = await testEngine();
    mesh = await sharedMesh(engine);
    await (await clusterGround()).claim(NAMESPACE);
    await mesh.kubectl.run("create", "namespace", NAMESPACE);
    stack = await openInlineStack(engine, "shop", async () => {
      const app = new CanaryApp("shop", {
        ...asked,
        namespace: { create: false, inject: true },
        hosts: [HOST],
        mesh: { install: false, revision: "default" },
      });
      return { weights: app.weights };
    });
  });

  it("shares the traffic of one host among three versions, one of them with nothing", async () => {
    asked = {
      versions: [
        { name: "v1", image: image("1.0") },
        { name: "v2", image: "docker.io/library/canary-demo:2.0", replicas: 1 },
        { name: "v3", image: image("2.0") },
      ],
      weights: { v1: 50, v2: 0, v3: 50 },
    };
    const { outputs } = await stack.up();
    assert.deepEqual(outputs.weights.value, { v1: 50, v2: 0, v3: 50 });
    const requests = load();
    await untilAnswered(requests);
    await assertSharesOf(() => sendMany(1000, requests), { "1.0": 50, "2.0": 50 });
  });

  it("labels the namespace with the mesh's revision, and gives every pod a sidecar", async () => {
    assert.equal(
      await mesh.kubectl.run("get", "namespace", NAMESPACE, "-o", "jsonpath={.metadata.labels.istio\\.io/rev}"),
      "default",
    );
    const containers = await mesh.kubectl.run(
      "get",
      "pods",
      "-n",
      NAMESPACE,
      "-o",
      "jsonpath={range .items[*]}{.spec.initContainers[*].name} {.spec.containers[*].name}{'\\n'}{end}",
    );
    const pods = containers.trim().split("\n");
    assert.equal(pods.length, 3);
    assert.deepEqual(
      pods.filter((names) => !names.includes("istio-proxy")),
      [],
    );
  });

  it("answers no other host", async () => {
    const { url } = load();
    assert.equal((await sendMany(1, { url, headers: { host: "other.example.com" } }))[0].status, 404);
  });

  it("routes callers inside the mesh too", async () => {
    const spec = JSON.parse(
      await mesh.kubectl.run("get", "virtualservice", "shop", "-n", NAMESPACE, "-o", "jsonpath={.spec}"),
    );
    assert.deepEqual(spec.hosts, [HOST, "shop.shop.svc.cluster.local"]);
    assert.deepEqual(spec.gateways, ["shop", "mesh"]);
  });

  it("moves everything to one version in one update", async () => {
    asked = { ...asked, weights: { v1: 100, v2: 0, v3: 0 } };
    assert.deepEqual(
      (await upOperations(stack)).map(({ op, name }) => `${op} ${name}`),
      ["update shop-routes"],
    );
    await pause(1000);
    const requests = load();
    await assertSharesOf(() => sendMany(300, requests), { "1.0": 100 });
  });

  it("makes nothing of the mesh its own", async () => {
    const { deployment } = await stack.exportStack();
    const types = (deployment.resources as { type: string }[]).map(({ type }) => type);
    assert.deepEqual(
      types.filter((type) => /Release|Namespace$/.test(type)),
      [],
    );
  });

  it("takes its label back when it is destroyed, and leaves the namespace", async () => {
    await stack.destroy();
    const labels = JSON.parse(
      await mesh.kubectl.run("get", "namespace", NAMESPACE, "-o", "jsonpath={.metadata.labels}"),
    );
    assert.deepEqual(labels, { "kubernetes.io/metadata.name": NAMESPACE });
  });
});
