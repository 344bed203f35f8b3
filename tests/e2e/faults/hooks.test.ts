import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { Stack } from "@pulumi/pulumi/automation";
import { CanaryApp, type CanaryAppArgs } from "../../../components";
import { startLoad } from "../../../demo/load/generator";
import { testEngine } from "../support/engine";
import { openInlineStack } from "../support/inlineStack";
import { type SharedMesh, sharedMesh } from "../support/mesh";
import { assertNoneFailed, untilAnswered } from "../support/traffic";
import { trial } from "../support/troubledApp";
import { refusalOf } from "../support/workload";

const NAME = "hooked";
const HOST = `${NAME}.example.com`;
const LOAD_PER_SECOND = 50;
const LOAD_LIMIT_S = 120;
const ROUTES = "kubernetes:networking.istio.io/v1:VirtualService";

/** Everything to the one version that there is. */
const FIRST: Partial<CanaryAppArgs> = { versions: [trial(1)], weights: { v1: 100 } };
/** That one replaced by another. */
const SECOND: Partial<CanaryAppArgs> = { versions: [trial(2)], weights: { v2: 100 } };

type Moment = "beforeUpdate" | "afterUpdate";

describe("an up in which a hook of the routes fails", function () {
  this.timeout("10m");
  let mesh: SharedMesh;
  let stack: Stack;
  let asked: Partial<CanaryAppArgs>;
  let failing: Moment | undefined;

  before(async () => {
    const engine = await testEngine();
    mesh = await sharedMesh(engine);
    stack = await openInlineStack(engine, NAME, async () => {
      // Beside the component's own hooks one of somebody else's, as transforms add them.
      const moment = failing;
      const hook = new pulumi.ResourceHook("theirs", () => {
        throw new Error("it was meant to fail");
      });
      const transform: pulumi.ResourceTransform = ({ type, props, opts }) =>
        type === ROUTES && moment !== undefined
          ? { props, opts: { ...opts, hooks: { ...opts.hooks, [moment]: [...(opts.hooks?.[moment] ?? []), hook] } } }
          : undefined;
      const transition = { settleSeconds: 0.5, drainSeconds: 1 };
      new CanaryApp(
        NAME,
        {
          versions: [trial(1)],
          ...asked,
          hosts: [HOST],
          transition,
          mesh: { install: false, gateway: { address: mesh.address } },
        },
        { transforms: [transform] },
      );
    });
  });

  beforeEach(async () => {
    [asked, failing] = [FIRST, undefined];
    await stack.up();
    await untilAnswered({ url: `http://${mesh.address}/`, headers: { host: HOST } });
  });

  async function underLoad(work: () => Promise<void>): Promise<void> {
    const load = startLoad(LOAD_PER_SECOND, LOAD_LIMIT_S, {
      url: `http://${mesh.address}/`,
      headers: { host: HOST },
    });
    await work().finally(() => load.stop());
    assertNoneFailed(await load.stop());
  }

  const namesOf = async (kind: string) =>
    (await mesh.kubectl.run("get", kind, "-n", NAME, "-o", "jsonpath={.items[*].metadata.name}")).split(" ").sort();

  async function routedTo(): Promise<string[]> {
    const { spec } = JSON.parse(await mesh.kubectl.run("get", "virtualservice", NAME, "-n", NAME, "-o", "json"));
    return spec.http[0].route.map(({ destination }: { destination: { subset: string } }) => destination.subset);
  }

  it("before they change: they stay as they are, both versions are there, and the next up goes on", () =>
    underLoad(async () => {
      [asked, failing] = [SECOND, "beforeUpdate"];
      assert.match(await refusalOf(stack.up()), /before hook "theirs" failed/);
      assert.deepEqual(await routedTo(), ["v1"]);
      assert.deepEqual(await namesOf("deployments"), [`${NAME}-v1`, `${NAME}-v2`]);
      failing = undefined;
      await stack.up();
      assert.deepEqual([await routedTo(), await namesOf("deployments")], [["v2"], [`${NAME}-v2`]]);
    }));

  it("after they changed: they are changed, nothing is removed, and the next up goes on", () =>
    underLoad(async () => {
      [asked, failing] = [SECOND, "afterUpdate"];
      assert.match(await refusalOf(stack.up()), /after hook "theirs" failed/);
      assert.deepEqual(await routedTo(), ["v2"]);
      assert.deepEqual(await namesOf("deployments"), [`${NAME}-v1`, `${NAME}-v2`]);
      failing = undefined;
      await stack.up();
      assert.deepEqual([await routedTo(), await namesOf("deployments")], [["v2"], [`${NAME}-v2`]]);
    }));

  it("has no resource with hooks at its deletion, so that it is destroyed without the program", async () => {
    const { deployment } = await stack.exportStack();
    const resources = deployment.resources as { resourceHooks?: Record<string, string[]> }[];
    const moments = new Set(resources.flatMap(({ resourceHooks = {} }) => Object.keys(resourceHooks)));
    assert.ok(moments.has("AfterUpdate"), [...moments].join());
    assert.deepEqual(
      [...moments].filter((moment) => !/^(Before(Create|Update)|AfterUpdate)$/.test(moment)),
      [],
    );
    await stack.destroy();
    assert.equal(await mesh.kubectl.run("get", "namespace", NAME, "--ignore-not-found", "-o", "name"), "");
  });
});
