import assert from "node:assert/strict";
import type { Stack } from "@pulumi/pulumi/automation";
import { CanaryApp, type VersionConfigArgs } from "../../components";
import { startLoad } from "../../demo/load/generator";
import { askMany } from "./support/client";
import { testEngine } from "./support/engine";
import { openInlineStack } from "./support/inlineStack";
import { type SharedMesh, sharedMesh } from "./support/mesh";
import { upOperations } from "./support/operations";
import { assertNoneFailed, assertSharesOf, pause, untilAnswered } from "./support/traffic";

const APP = "configured";
const HOST = `${APP}.example.com`;
const IMAGE = "docker.io/library/canary-demo:1.0";

/** One image, whose answers tell the variable VERSION: what differs between the versions is their config alone. */
describe("config that is part of a version", function () {
  this.timeout("15m");
  let mesh: SharedMesh;
  let stack: Stack;
  let weight = 0;
  let versions: { name: string; config: VersionConfigArgs }[] = [
    { name: "v1", config: { data: { VERSION: "off" } } },
    { name: "v2", config: { secrets: { VERSION: "on" }, mountPath: "/etc/shop", environment: true } },
  ];
  const target = () => ({ url: `http://${mesh.address}/`, headers: { host: HOST } });
  const answers = async () =>
    (await askMany(200, target().url, target().headers)).map(({ status, version }) => ({
      sentAt: 0,
      doneAt: 0,
      status,
      version,
    }));
  const objects = async (kind: string): Promise<string[]> => {
    const { items } = JSON.parse(await mesh.kubectl.run("get", kind, "-n", APP, "-l", `app=${APP}`, "-o", "json")) as {
      items: { metadata: { name: string } }[];
    };
    return items.map(({ metadata }) => metadata.name.replace(/-[0-9a-f]{10}$/, "")).sort();
  };

  before(async () => {
    const engine = await testEngine();
    mesh = await sharedMesh(engine);
    stack = await openInlineStack(engine, APP, async () => {
      new CanaryApp(APP, {
        versions: versions.map((version) => ({ ...version, image: IMAGE })),
        ...(versions.length === 2 ? { weight } : {}),
        hosts: [HOST],
        mesh: { install: false, gateway: { address: mesh.address } },
      });
    });
    await stack.up();
    await untilAnswered(target());
  });

  for (const [next, shares] of [
    [0, { off: 100 }],
    [30, { off: 70, on: 30 }],
    [100, { on: 100 }],
    [0, { off: 100 }],
  ] as const) {
    it(`goes and comes back with the weight: ${next}%`, async () => {
      const changed = weight !== next;
      weight = next;
      assert.deepEqual(
        (await upOperations(stack)).map(({ op, name }) => `${op} ${name}`),
        changed ? ["update configured-routes"] : [],
      );
      await pause(1000);
      await assertSharesOf(answers, shares);
    });
  }

  it("replaces the pods of the version whose config changes, and no request fails", async () => {
    assert.deepEqual(
      [await objects("configmaps"), await objects("secrets")],
      [["configured-v1-config"], ["configured-v2-secrets"]],
    );
    versions = [{ name: "v1", config: { data: { VERSION: "off-again" } } }, versions[1]];
    const load = startLoad(100, 120, target());
    const changed = (await upOperations(stack)).map(({ op, name }) => `${op} ${name}`);
    await pause(1000);
    assertNoneFailed(await load.stop());
    assert.ok(changed.includes("update configured-v1"), changed.join());
    assert.ok(!changed.some((each) => each.includes("v2") || each.includes("routes")), changed.join());
    await assertSharesOf(answers, { "off-again": 100 });
    assert.deepEqual(await objects("configmaps"), ["configured-v1-config"]);
  });

  it("goes with the version", async () => {
    versions = [versions[0]];
    await stack.up();
    assert.deepEqual([await objects("configmaps"), await objects("secrets")], [["configured-v1-config"], []]);
    await assertSharesOf(answers, { "off-again": 100 });
  });
});
