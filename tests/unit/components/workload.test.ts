import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, type CanaryAppArgs } from "../../../components";
import { ReplicaSteps } from "../../../components/replicaSteps";
import { record } from "../../../src/render/recorder";
import { render } from "../../../src/render/steps";
import { replicasAnnotation } from "../../../src/workload/replicasByWeight";
import { TWO_VERSIONS, TYPES, find, recordApp, recordFailing } from "../recordings";

const HPA = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";
const PDB = "kubernetes:policy/v1:PodDisruptionBudget";
const SCALE = "kubernetes:apps/v1:DeploymentPatch";
const [V1, V2] = TWO_VERSIONS.versions;
const CPU = { resources: { requests: { cpu: "10m" } } };

describe("the workload of a version", () => {
  it("is what the app says, and the version in its place", async () => {
    const versions = [
      { ...V1, pod: { env: { B: "v1" }, labels: { tier: "old" } } },
      { name: "v2", podSpec: { containers: [{ name: "own", image: "own:1" }] } },
    ];
    const { resources } = await recordApp({
      versions,
      weight: 5,
      pod: { env: { A: "app", B: "app" }, labels: { team: "shop" }, annotations: { note: "x" } },
    });
    const [one, two] = ["v1", "v2"].map(
      (name) => find(resources, TYPES.deployment, `shop-${name}`).inputs.spec.template,
    );
    assert.deepEqual(one.spec.containers[0].env, [
      { name: "A", value: "app" },
      { name: "B", value: "v1" },
    ]);
    assert.deepEqual(one.metadata, {
      labels: { team: "shop", tier: "old", app: "shop", version: "v1" },
      annotations: { note: "x" },
    });
    assert.equal(two.spec.containers[0].env, undefined);
    assert.deepEqual(two.metadata, {
      labels: { team: "shop", app: "shop", version: "v2" },
      annotations: { note: "x" },
    });
    assert.deepEqual(two.spec.containers[0].lifecycle, { preStop: { sleep: { seconds: 5 } } });
    assert.equal(two.spec.terminationGracePeriodSeconds, 30);
  });

  it("has an autoscaler beside it if told so, from whose least number it starts", async () => {
    const { resources } = await recordApp({
      versions: [V1, { ...V2, autoscaling: { minReplicas: 2, maxReplicas: 4 } }],
      weight: 5,
      pod: CPU,
    });
    const scaler = find(resources, HPA, "shop-v2");
    assert.deepEqual(scaler.inputs.spec.scaleTargetRef, { apiVersion: "apps/v1", kind: "Deployment", name: "shop-v2" });
    assert.deepEqual([scaler.inputs.spec.minReplicas, scaler.inputs.spec.maxReplicas], [2, 4]);
    assert.ok(scaler.dependencies.includes(`${TYPES.deployment}::shop-v2`));
    assert.equal(find(resources, TYPES.deployment, "shop-v2").inputs.spec.replicas, 2);
    assert.equal(resources.filter(({ type }) => type === HPA).length, 1);
  });

  it("has the app's disruption budget, or its own", async () => {
    const { resources } = await recordApp({
      versions: [V1, { ...V2, disruptionBudget: { minAvailable: 3 } }],
      weight: 5,
      disruptionBudget: { maxUnavailable: 1 },
    });
    assert.equal(find(resources, PDB, "shop-v1").inputs.spec.maxUnavailable, 1);
    assert.equal(find(resources, PDB, "shop-v2").inputs.spec.minAvailable, 3);
  });

  it("is checked when it becomes known, before it reaches the cluster", async () => {
    const late = (args: Partial<CanaryAppArgs>) =>
      recordFailing(() => new CanaryApp("shop", { ...TWO_VERSIONS, ...args }));
    const shared = await late({ pod: pulumi.output({ command: [] as string[] }) });
    assert.match(shared.messages.join("\n"), /pod\.command is \[\]/);
    assert.deepEqual(
      shared.registered.filter((each) => each.startsWith(TYPES.deployment)),
      [],
    );
    const total = await late({ replicasFollowWeight: { total: pulumi.output(0) } });
    assert.match(total.messages.join("\n"), /replicasFollowWeight\.total is 0/);
  });
});

describe("pods that follow the weight", () => {
  const following: CanaryAppArgs = { ...TWO_VERSIONS, replicasFollowWeight: { total: 10 } };

  it("have a number of their own beside the Deployment, and the VirtualService says them all", async () => {
    const { resources } = await recordApp(following);
    for (const [version, replicas] of [
      ["v1", 8],
      ["v2", 3],
    ] as const) {
      const scale = find(resources, SCALE, `shop-${version}`);
      assert.deepEqual([scale.inputs.metadata.name, scale.inputs.spec], [`shop-${version}`, { replicas }]);
      assert.ok(scale.dependencies.includes(`${TYPES.deployment}::shop-${version}`));
      assert.equal(find(resources, TYPES.deployment, `shop-${version}`).inputs.spec.replicas, replicas);
    }
    assert.deepEqual(find(resources, TYPES.virtualService, "shop-routes").inputs.metadata.annotations, {
      "canary-app/replicas": '{"v1":8,"v2":3}',
    });
  });

  it("leave the Deployments' own specs alone", async () => {
    const { resources } = await recordApp(following);
    assert.deepEqual(
      find(resources, TYPES.virtualService, "shop-routes").dependencies.filter((each) => each.startsWith(SCALE)),
      [],
    );
  });

  it("are rendered without an engine into the Deployments: nobody else applies them", async () => {
    const manifests = render((await recordApp(following)).resources).flatMap(({ manifest }) => manifest ?? []);
    const deployments = manifests.filter(({ kind }) => kind === "Deployment") as any[];
    assert.deepEqual(
      deployments.map(({ metadata, spec }) => [metadata.name, spec.replicas, spec.template.spec.containers.length]),
      [
        ["shop-v1", 8, 1],
        ["shop-v2", 3, 1],
      ],
    );
  });

  it("wait for nothing where the engine takes no hooks, as in unit tests with mocks", async () => {
    const seen: string[] = [];
    await pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs }) => (seen.push(`${type}::${name}`), { id: name, state: inputs }),
        call: () => ({}),
      },
      "test",
      "dev",
    );
    new CanaryApp("shop", following);
    for (
      const end = performance.now() + 5000;
      performance.now() < end && seen.filter((each) => each.startsWith(SCALE)).length < 2;
    ) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.deepEqual(seen.filter((each) => each.startsWith(SCALE)).sort(), [`${SCALE}::shop-v1`, `${SCALE}::shop-v2`]);
  });

  /**
   * Registers two versions and a VirtualService that the engine updates only after its hook; gives what was registered
   * in which order.
   */
  async function updateOrder(before: object, after: Record<string, number>): Promise<string[]> {
    const order: string[] = [];
    const outputs = ({ type, name, inputs }: { type: string; name: string; inputs: Record<string, unknown> }) => (
      order.push(`${type.split(":").at(-1)} ${name}`),
      inputs
    );
    await record(
      async () => {
        const app = new pulumi.ComponentResource("test:index:App", "shop", {});
        const steps = new ReplicaSteps("shop", 0.01, 600);
        let update!: () => void;
        const updated = new Promise<void>((resolve) => (update = resolve));
        const routes = new k8s.core.v1.ConfigMap("routes", { data: updated.then(() => ({})) });
        for (const version of ["v1", "v2"]) {
          const spec = { selector: {}, template: {} }; // from 4.34 on @pulumi/kubernetes registers none without it
          const deployment = new k8s.apps.v1.Deployment(
            version,
            { metadata: { name: version }, spec },
            { parent: app },
          );
          steps.scale(deployment, version, pulumi.output(after), routes, app);
        }
        const [hook] = steps.hooks()?.beforeUpdate ?? [];
        assert.ok(hook instanceof pulumi.ResourceHook);
        await hook.callback({
          oldInputs: before,
          newInputs: { metadata: { annotations: replicasAnnotation(after) } },
        } as unknown as pulumi.ResourceHookArgs);
        update();
      },
      { project: "test", stack: "dev", outputs },
    );
    return order.filter((each) => /DeploymentPatch|routes/.test(each));
  }

  const old = (replicas: Record<string, number>) => ({ metadata: { annotations: replicasAnnotation(replicas) } });
  const orders: [name: string, before: object, order: string[]][] = [
    [
      "v2 rises and v1 falls",
      old({ v1: 8, v2: 3 }),
      ["DeploymentPatch shop-v2", "ConfigMap routes", "DeploymentPatch shop-v1"],
    ],
    [
      "v1 rises and v2 falls",
      old({ v1: 3, v2: 8 }),
      ["DeploymentPatch shop-v1", "ConfigMap routes", "DeploymentPatch shop-v2"],
    ],
    [
      "nothing is known of the time before",
      {},
      ["DeploymentPatch shop-v1", "DeploymentPatch shop-v2", "ConfigMap routes"],
    ],
    ["none changes", old({ v1: 5, v2: 5 }), ["DeploymentPatch shop-v1", "DeploymentPatch shop-v2", "ConfigMap routes"]],
  ];
  for (const [name, before, order] of orders) {
    it(`come before the VirtualService's update where they do not fall, and after it where they do: ${name}`, async () => {
      assert.deepEqual(await updateOrder(before, { v1: 5, v2: 5 }), order);
    });
  }

  it("hold back one app's VirtualService until the one before it is done", async () => {
    const program = () => {
      new CanaryApp("one", { ...following, mesh: { install: false } });
      new CanaryApp("two", { ...following, mesh: { install: false }, hosts: ["two.example.com"] });
    };
    const { resources } = await record(program, { project: "test", stack: "dev" });
    const routes = resources.filter(({ type }) => type === TYPES.virtualService).map(({ name }) => name);
    assert.deepEqual(routes, ["one-routes", "two-routes"]);
    assert.ok(
      find(resources, TYPES.virtualService, "two-routes").dependencies.every(
        (each) => each !== `${TYPES.virtualService}::one-routes`,
      ),
    );
  });
});
