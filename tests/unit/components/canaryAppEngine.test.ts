import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as runtimeState from "@pulumi/pulumi/runtime/state";
import { CanaryApp, type CanaryAppArgs } from "../../../components";
import { record } from "../../../src/render/recorder";
import { virtualService } from "../../../src/istio/istioObjects";
import type { Weights } from "../../../src/istio/weights";
import { TWO_VERSIONS } from "../recordings";

/** What an app tells the engine beside its resources. */
interface Told {
  /** The outputs of each component, by `type::name`. */
  outputs: Record<string, Record<string, unknown>>;
  /** Its hooks, which the engine would call. */
  hooks: pulumi.ResourceHook[];
  /**
   * How long it is given to create and to update resources, by `type::name`; without those that have the engine's own
   * times.
   */
  timeouts: Record<string, [create: string, update: string]>;
}

interface OutputsRequest {
  getUrn(): string;
  getOutputs(): { toJavaScript(): Record<string, unknown> };
}

interface ResourceRequest {
  getType(): string;
  getName(): string;
  getCustomtimeouts(): { getCreate(): string; getUpdate(): string } | undefined;
}

interface HookTaker {
  registerResourceHook(hook: pulumi.ResourceHook): Promise<void>;
}

/** Records an app, and looks at what passes by on the way to the engine. */
async function tell(args: CanaryAppArgs): Promise<Told> {
  const told: Told = { outputs: {}, hooks: [], timeouts: {} };
  await record(
    () => {
      const monitor = pulumi.runtime.getMonitor() as unknown as {
        registerResourceOutputs(request: OutputsRequest, done: unknown): void;
        registerResource(request: ResourceRequest, done: unknown): void;
      };
      const register = monitor.registerResource.bind(monitor);
      monitor.registerResource = (request, done) => {
        const times = request.getCustomtimeouts();
        if (times !== undefined && times.getCreate() !== "") {
          told.timeouts[`${request.getType()}::${request.getName()}`] = [times.getCreate(), times.getUpdate()];
        }
        register(request, done);
      };
      const pass = monitor.registerResourceOutputs.bind(monitor);
      monitor.registerResourceOutputs = (request, done) => {
        const [, , types, name] = request.getUrn().split("::");
        told.outputs[`${types.split("$").at(-1)}::${name}`] = request.getOutputs().toJavaScript();
        pass(request, done);
      };
      const { callbacks } = (runtimeState as unknown as { getStore(): { callbacks: HookTaker } }).getStore();
      const take = callbacks.registerResourceHook;
      callbacks.registerResourceHook = (hook) => {
        told.hooks.push(hook);
        return take(hook);
      };
      new CanaryApp("shop", args);
    },
    { project: "test", stack: "dev" },
  );
  return told;
}

/** How long an app's two hooks hold up an update in which every version is replaced, in milliseconds. */
async function holdUp({ hooks }: Told): Promise<number[]> {
  const spec = (shares: Weights) => ({
    spec: virtualService(
      { hosts: ["*"], gateway: "shop", internal: false },
      { host: "shop", ports: [{ name: "http", port: 80, protocol: "http" }] },
      { routes: [{}], weights: shares },
    ),
  });
  const update = { oldInputs: spec({ v1: 100 }), newInputs: spec({ v2: 100 }) } as unknown as pulumi.ResourceHookArgs;
  return Promise.all(
    hooks
      .filter(({ name }) => name.includes("-settle-"))
      .map(async (hook) => {
        const start = performance.now();
        await hook.callback(update);
        return performance.now() - start;
      }),
  );
}

describe("what an app tells the engine", () => {
  it("is every component's outputs", async () => {
    const { outputs } = await tell({ ...TWO_VERSIONS, hosts: [] });
    const names = Object.fromEntries(
      Object.entries(outputs).map(([component, values]) => [component, Object.keys(values).sort()]),
    );
    assert.deepEqual(names, {
      "pulumi:pulumi:Stack::test-dev": [],
      "canary-app:index:CanaryApp::shop": ["deployments", "namespace", "url", "weightedRules", "weights"],
      "canary-app:index:IstioMesh::shop-mesh": ["controlPlane", "gateway", "gatewayNamespace", "namespace"],
      "canary-app:index:AppVersion::shop-v1": ["deployment"],
      "canary-app:index:AppVersion::shop-v2": ["deployment"],
    });
    const { url, weights, namespace } = outputs["canary-app:index:CanaryApp::shop"];
    assert.deepEqual(
      { url, weights, namespace },
      { url: "http://shop.shop.svc.cluster.local:80", weights: { v1: 75, v2: 25 }, namespace: "shop" },
    );
  });

  for (const [readySeconds, time] of [
    [undefined, "600s"],
    [20, "20s"],
  ] as const) {
    it(`is how long pods may take: ${time}`, async () => {
      const { timeouts } = await tell({
        ...TWO_VERSIONS,
        transition: { readySeconds },
        replicasFollowWeight: { total: 2 },
      });
      const types = [
        "kubernetes:apps/v1:Deployment::shop-v1",
        "kubernetes:apps/v1:Deployment::shop-v2",
        "kubernetes:apps/v1:DeploymentPatch::shop-v1",
        "kubernetes:apps/v1:DeploymentPatch::shop-v2",
      ];
      assert.deepEqual(timeouts, Object.fromEntries(types.map((type) => [type, [time, time]])));
    });
  }

  const waits: [name: string, transition: CanaryAppArgs["transition"], seconds: number][] = [
    ["as long as it is told", { settleSeconds: 0.2 }, 0.2],
    ["as long as an Output says", { settleSeconds: pulumi.output(0.2) }, 0.2],
    ["for 1.5 seconds if it is told nothing", undefined, 1.5],
  ];
  for (const [name, transition, seconds] of waits) {
    it(`is two hooks that hold up an update ${name}`, async () => {
      const times = await holdUp(await tell({ ...TWO_VERSIONS, transition }));
      assert.equal(times.length, 2);
      for (const time of times) {
        assert.ok(time >= seconds * 1000 - 5 && time < seconds * 1000 + 1000, times.join(", "));
      }
    });
  }
});
