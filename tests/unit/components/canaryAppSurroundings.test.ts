import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime/mocks";
import { CanaryApp, type CanaryAppArgs, IstioMesh } from "../../../components";
import { record } from "../../../src/render/recorder";
import { TWO_VERSIONS, TYPES, find, key, recordApp } from "../recordings";

/** The ways to name what is waited for, each with that one resource in it. */
const DEPENDS_ON: readonly [name: string, of: (resource: pulumi.Resource) => pulumi.ResourceOptions["dependsOn"]][] = [
  ["a resource", (resource) => resource],
  ["a list", (resource) => [resource]],
  ["a list of an Output", (resource) => [pulumi.output(resource)]],
  ["a list of a Promise", (resource) => [Promise.resolve(resource)]],
  ["an Output", (resource) => pulumi.output(resource)],
  ["a Promise", (resource) => Promise.resolve(resource)],
  ["an Output of a list", (resource) => pulumi.output([resource])],
  ["a Promise of a list", (resource) => Promise.resolve([resource])],
];

describe("an app in a mesh that is there already", () => {
  it("installs nothing of Istio, and waits for nothing of it", async () => {
    const { resources } = await recordApp({ ...TWO_VERSIONS, mesh: { install: false } });
    assert.deepEqual(
      resources.filter(({ type }) => type === TYPES.mesh || type === TYPES.release),
      [],
    );
    assert.deepEqual(
      resources.filter(({ type }) => type === TYPES.namespace).map(({ name }) => name),
      ["shop"],
    );
    for (const { name, dependencies } of resources) {
      assert.ok(!dependencies.some((waitedFor) => waitedFor.includes("shop-mesh")), name);
    }
    assert.deepEqual(find(resources, TYPES.namespace, "shop").inputs.metadata, {
      name: "shop",
      labels: { "istio-injection": "enabled" },
    });
    assert.deepEqual(find(resources, TYPES.service, "shop-address").dependencies, []);
  });

  it("joins a revision of it by that one label", async () => {
    for (const revision of ["stable", pulumi.output("stable")]) {
      const { resources } = await recordApp({
        ...TWO_VERSIONS,
        mesh: { install: false, revision },
        namespace: { labels: { team: "shop" } },
      });
      assert.deepEqual(find(resources, TYPES.namespace, "shop").inputs.metadata, {
        name: "shop",
        labels: { team: "shop", "istio.io/rev": "stable" },
      });
    }
  });

  it("uses its gateway: its pods for the Gateway, its Service for the address", async () => {
    let read: string | undefined;
    const mesh = { install: false, gateway: { namespace: "edge", release: "istio-edge" } };
    const { resources } = await recordApp({ ...TWO_VERSIONS, mesh }, "shop", {
      outputs: ({ name, id, inputs }) => {
        read = name === "shop-address" ? id : read;
        return inputs;
      },
    });
    assert.deepEqual(find(resources, TYPES.gateway, "shop-gateway").inputs.spec.selector, { istio: "edge" });
    assert.equal(read, "edge/istio-edge");
  });

  it("uses a gateway whose pods have other labels", async () => {
    const { resources } = await recordApp({
      ...TWO_VERSIONS,
      mesh: { install: false, gateway: { selector: { app: pulumi.output("edge") } } },
    });
    assert.deepEqual(find(resources, TYPES.gateway, "shop-gateway").inputs.spec.selector, { app: "edge" });
  });

  for (const [name, dependsOn] of DEPENDS_ON) {
    it(`waits as a whole for ${name}, the reading of the gateway's address included`, async () => {
      const { resources } = await record(
        () => {
          const prod = new k8s.core.v1.Namespace("prod", { metadata: { name: "prod" } });
          new CanaryApp(
            "shop",
            { ...TWO_VERSIONS, namespace: { name: "prod", create: false }, mesh: { install: false } },
            { dependsOn: dependsOn(prod) },
          );
        },
        { project: "test", stack: "dev" },
      );
      // The VirtualService waits for it through the AppVersions.
      const others: string[] = [TYPES.stack, TYPES.app, TYPES.version, TYPES.namespace, TYPES.virtualService];
      const own = resources.filter(({ type }) => !others.includes(type));
      assert.ok(own.length >= 8, own.map(key).join(", "));
      assert.deepEqual(
        own.filter(({ dependencies }) => !dependencies.includes(`${TYPES.namespace}::prod`)).map(key),
        [],
      );
    });
  }
});

describe("a preview of an app in a mesh that is still to be made", () => {
  for (const [made, [name, dependsOn]] of [true, false].flatMap((each) =>
    DEPENDS_ON.map((way) => [each, way] as const),
  )) {
    it(
      made
        ? `looks for the gateway's Service once its maker, ${name}, is there`
        : `does not look for the gateway's Service, which is not there either, where its maker is ${name}`,
      async () => {
        const read: string[] = [];
        const outputs = ({ name, id, inputs }: MockResourceArgs) => {
          read.push(...(name === "shop-address" ? [id as string] : []));
          return inputs;
        };
        await record(
          () => {
            const mesh = new IstioMesh("mesh");
            // In a preview, the recorder's resources are all still to be made, and have no identities yet.
            Object.assign(mesh.gateway, made ? { id: pulumi.output("istio-ingress/istio-ingressgateway") } : {});
            new CanaryApp("shop", { ...TWO_VERSIONS, mesh: { install: false } }, { dependsOn: dependsOn(mesh) });
          },
          { project: "test", stack: "dev", preview: true, outputs },
        );
        assert.deepEqual(
          read.map((id) => id === "istio-ingress/istio-ingressgateway"),
          [made],
        );
      },
    );
  }
});

describe("an app's namespace", () => {
  it("that is there already is used as it is", async () => {
    const { resources, outputs } = await recordApp({
      ...TWO_VERSIONS,
      mesh: { install: false },
      namespace: { name: "prod", create: false },
    });
    assert.deepEqual(
      resources.filter(({ type }) => type === TYPES.namespace),
      [],
    );
    assert.equal(outputs.namespace, "prod");
    for (const { name, inputs } of resources.filter(({ type, managed }) => managed && type.startsWith("kubernetes:"))) {
      assert.equal(inputs.metadata.namespace, "prod", name);
    }
    const host = "shop.prod.svc.cluster.local";
    assert.equal(find(resources, TYPES.destinationRule, "shop-v1-subset").inputs.spec.host, host);
    assert.deepEqual(
      find(resources, TYPES.virtualService, "shop-routes").inputs.spec.http[0].route.map(
        ({ destination }: any) => destination.host,
      ),
      [host, host],
    );
  });

  it("that is there already still waits for the control plane, so that pods get sidecars", async () => {
    const { resources } = await recordApp({ ...TWO_VERSIONS, namespace: { create: false } });
    const istiod = `${TYPES.release}::shop-mesh-istiod`;
    for (const [type, name] of [
      [TYPES.deployment, "shop-v1"],
      [TYPES.destinationRule, "shop-v1-subset"],
      [TYPES.gateway, "shop-gateway"],
    ]) {
      assert.ok(find(resources, type, name).dependencies.includes(istiod), name);
    }
  });

  it("labels a namespace that is there, on demand, before any pod is made", async () => {
    const namespace = { name: "prod", create: false, inject: true };
    const { resources } = await recordApp({ ...TWO_VERSIONS, namespace, mesh: { install: false, revision: "blue" } });
    const patch = find(resources, "kubernetes:core/v1:NamespacePatch", "shop");
    assert.deepEqual(patch.inputs.metadata, { name: "prod", labels: { "istio.io/rev": "blue" } });
    assert.ok(find(resources, TYPES.deployment, "shop-v1").dependencies.includes(key(patch)));
    assert.equal(
      resources.some(({ type }) => type === TYPES.namespace),
      false,
    );
  });

  it("makes a namespace without the label, on demand", async () => {
    const { resources } = await recordApp({ ...TWO_VERSIONS, namespace: { inject: false, labels: { team: "a" } } });
    assert.deepEqual(find(resources, TYPES.namespace, "shop").inputs.metadata.labels, { team: "a" });
  });

  it("has a name and labels of its own, but always the one that has sidecars injected", async () => {
    const labels = pulumi.output({ team: "shop", stage: "prod", "istio-injection": "disabled" });
    const { resources } = await recordApp({ ...TWO_VERSIONS, namespace: { name: "prod", labels } });
    const { metadata } = find(resources, TYPES.namespace, "shop").inputs;
    assert.deepEqual(metadata, { name: "prod", labels: { team: "shop", stage: "prod", "istio-injection": "enabled" } });
  });
});

describe("the sidecars of an app's pods", () => {
  const OFF = { pilot: { env: { ENABLE_NATIVE_SIDECARS: "false" } } };
  const podSpec = { terminationGracePeriodSeconds: 90, containers: [{ name: "shop", image: "a" }] };
  const cases: [name: string, mesh: CanaryAppArgs["mesh"], expected: [v1: unknown, v2: unknown]][] = [
    ["end by themselves where they are native ones", { install: false }, [undefined, undefined]],
    ["last as long as their pods where they are none", { install: false, nativeSidecars: false }, ["60s", "90s"]],
    ["are none where Helm's values say so", { istiodValues: OFF }, ["60s", "90s"]],
    ["are none where values that are known late say so", { istiodValues: pulumi.secret(OFF) }, ["60s", "90s"]],
    [
      "are native ones where it is said, whatever Helm's values are",
      { nativeSidecars: true, istiodValues: OFF },
      [undefined, undefined],
    ],
  ];
  for (const [name, mesh, expected] of cases) {
    it(name, async () => {
      const { resources } = await recordApp({
        ...TWO_VERSIONS,
        versions: [TWO_VERSIONS.versions[0], { name: "v2", podSpec }],
        transition: { drainSeconds: 20, graceSeconds: 60 },
        mesh,
      });
      const durations = ["v1", "v2"].map((version) => {
        const { annotations } = find(resources, TYPES.deployment, `shop-${version}`).inputs.spec.template.metadata;
        const config = annotations?.["proxy.istio.io/config"];
        return config === undefined ? undefined : JSON.parse(config).terminationDrainDuration;
      });
      assert.deepEqual(durations, expected);
    });
  }
});
