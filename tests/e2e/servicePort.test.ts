import assert from "node:assert/strict";
import type { Stack } from "@pulumi/pulumi/automation";
import { CanaryApp } from "../../components";
import { startLoad } from "../../demo/load/generator";
import { testEngine } from "./support/engine";
import { openInlineStack } from "./support/inlineStack";
import { type SharedMesh, sharedMesh } from "./support/mesh";
import { untilAnswered } from "./support/traffic";

const APP = "moved-port";
const HOST = `${APP}.example.com`;

describe("another port of the app's Service", function () {
  this.timeout("10m");
  let mesh: SharedMesh;
  let stack: Stack;
  let port = 80;
  const target = () => ({ url: `http://${mesh.address}/`, headers: { host: HOST } });

  before(async () => {
    const engine = await testEngine();
    mesh = await sharedMesh(engine);
    stack = await openInlineStack(engine, APP, async () => {
      new CanaryApp(APP, {
        versions: [{ name: "v1", image: "docker.io/library/canary-demo:1.0" }],
        service: { port },
        hosts: [HOST],
        mesh: { install: false, gateway: { address: mesh.address } },
      });
    });
    await stack.up();
    await untilAnswered(target());
  });

  // The first change after the Service was created and a later one: its fields belong to another manager then.
  for (const next of [8080, 9090, 80]) {
    it(`can be previewed and brought up: ${next}`, async () => {
      port = next;
      const { changeSummary } = await stack.preview();
      assert.deepEqual(changeSummary.update, 2);
      const load = startLoad(100, 60, target());
      await stack.up();
      await untilAnswered(target());
      const answers = await load.stop();
      const failed = answers.filter(({ status }) => status !== 200);
      console.log(
        `      ${failed.length} of ${answers.length} requests failed: ${[...new Set(failed.map(({ status }) => status))].join()}`,
      );
      const { spec } = JSON.parse(await mesh.kubectl.run("get", "service", APP, "-n", APP, "-o", "json"));
      assert.deepEqual(
        spec.ports.map((each: { name: string; port: number }) => [each.name, each.port]),
        [[`http-${next}`, next]],
      );
    });
  }
});
