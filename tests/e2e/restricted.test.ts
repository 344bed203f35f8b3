import assert from "node:assert/strict";
import type { Stack } from "@pulumi/pulumi/automation";
import { CanaryApp } from "../../components";
import { testEngine } from "./support/engine";
import { openInlineStack } from "./support/inlineStack";
import { type SharedMesh, sharedMesh } from "./support/mesh";
import { untilAnswered } from "./support/traffic";

const NAME = "confined";
const ENFORCE = "pod-security.kubernetes.io/enforce";

describe("an app in a namespace that enforces the restricted Pod Security Standard", function () {
  this.timeout("10m");
  let mesh: SharedMesh;
  let stack: Stack;

  before(async () => {
    const engine = await testEngine();
    mesh = await sharedMesh(engine);
    stack = await openInlineStack(engine, NAME, async () => {
      const versions = [{ name: "v1", image: "docker.io/library/canary-demo:1.0" }];
      // Without sidecars, whose init container the standard forbids unless Istio's CNI plugin takes its place.
      const namespace = { inject: false, labels: { [ENFORCE]: "restricted" } };
      new CanaryApp(NAME, {
        versions,
        weight: 100,
        namespace,
        hosts: [`${NAME}.example.com`],
        mesh: { install: false, gateway: { address: mesh.address } },
      });
    });
  });

  it("runs with all of its defaults, and answers", async () => {
    await stack.up();
    assert.equal(
      await mesh.kubectl.run(
        "get",
        "namespace",
        NAME,
        "-o",
        "jsonpath={.metadata.labels.pod-security\\.kubernetes\\.io/enforce}",
      ),
      "restricted",
    );
    await untilAnswered({ url: `http://${mesh.address}/`, headers: { host: `${NAME}.example.com` } });
  });
});
