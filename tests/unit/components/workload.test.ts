import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, type CanaryAppArgs } from "../../../components";
import { record } from "../../../src/render/recorder";
import { render } from "../../../src/render/steps";
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

  it("leaves the number of its pods to someone else if told so, for one version or for all", async () => {
    const one = await recordApp({
      versions: [
        { ...V1, replicas: 4 },
        { ...V2, externalScaling: true },
      ],
      weight: 5,
    });
    const [v1, v2] = ["shop-v1", "shop-v2"].map((name) => find(one.resources, TYPES.deployment, name).inputs);
    assert.equal(v1.spec.replicas, 4);
    assert.ok(!("replicas" in v2.spec), "the field is someone else's");
    assert.deepEqual(v2.metadata.annotations, {
      "pulumi.com/patchForce": "true",
      "canary-app/scaling": "external",
    });
    assert.equal(one.resources.filter(({ type }) => type === HPA).length, 0);
    const all = await recordApp({ ...TWO_VERSIONS, externalScaling: true });
    for (const { inputs } of all.resources.filter(({ type }) => type === TYPES.deployment)) {
      assert.ok(!("replicas" in inputs.spec), `${inputs.metadata.name} has a number`);
    }
  });

  it("keeps the number that is there where someone else says it, or an autoscaler, or the weight", async () => {
    const ignored = async (args: Partial<CanaryAppArgs>) => {
      const seen: Record<string, string[] | undefined> = {};
      const see: pulumi.ResourceTransformation = ({ type, name, opts }) => {
        if (type === TYPES.deployment) {
          seen[name] = (opts as pulumi.CustomResourceOptions).ignoreChanges;
        }
        return undefined;
      };
      const program = () =>
        void new CanaryApp("shop", { ...TWO_VERSIONS, pod: CPU, ...args }, { transformations: [see] });
      await record(program, { project: "test", stack: "dev" });
      return seen;
    };
    const kept = ["spec.replicas"];
    assert.deepEqual(await ignored({}), { "shop-v1": [], "shop-v2": [] });
    assert.deepEqual(await ignored({ externalScaling: true }), { "shop-v1": kept, "shop-v2": kept });
    const versions = [V1, { ...V2, autoscaling: { maxReplicas: 2 } }];
    assert.deepEqual(await ignored({ versions }), { "shop-v1": [], "shop-v2": kept });
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
});
