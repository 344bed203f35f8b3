import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime/mocks";
import { CanaryApp, type CanaryAppArgs, IstioMesh } from "../../../components";
import { record } from "../../../src/render/recorder";
import { TWO_VERSIONS, TYPES, find, key, recordApp, recordFailing } from "../recordings";

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

const ADDRESS = { mesh: { gateway: { address: "203.0.113.7" } } };

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

describe("an app's hosts", () => {
  const cases: [name: string, hosts: string[] | undefined, spec: { hosts: string[]; gateways: string[] }][] = [
    ["every one where none is named", undefined, { hosts: ["*"], gateways: ["shop"] }],
    ["none but the mesh", [], { hosts: ["shop.shop.svc.cluster.local"], gateways: ["mesh"] }],
    [
      "one by name, and the mesh",
      ["a.com"],
      { hosts: ["a.com", "shop.shop.svc.cluster.local"], gateways: ["shop", "mesh"] },
    ],
  ];
  for (const [name, hosts, spec] of cases) {
    it(`are ${name}`, async () => {
      const { resources } = await recordApp({ ...TWO_VERSIONS, ...ADDRESS, hosts });
      const routes = find(resources, TYPES.virtualService, "shop-routes");
      assert.deepEqual({ hosts: routes.inputs.spec.hosts, gateways: routes.inputs.spec.gateways }, spec);
      const gateways = resources.filter(({ type }) => type === TYPES.gateway);
      assert.deepEqual(
        gateways.map(({ inputs }) => inputs.spec.servers[0].hosts),
        spec.gateways.includes("shop") ? [hosts ?? ["*"]] : [],
      );
      assert.deepEqual(
        gateways.map(key).filter((gateway) => !routes.dependencies.includes(gateway)),
        [],
        "the routes wait for the Gateway",
      );
    });
  }
});

describe("an app's other arguments", () => {
  it("may be told to install the mesh, which is the same as saying nothing", async () => {
    const { resources } = await recordApp({ ...TWO_VERSIONS, mesh: { install: true } });
    assert.deepEqual(resources, (await recordApp(TWO_VERSIONS)).resources);
  });

  it("may be three versions, each with an AppVersion of its own", async () => {
    const versions = ["v1", "v2", "v3"].map((name) => ({ name, image: `example.com/reviews:${name}` }));
    const { resources, outputs } = await recordApp({ versions, weights: { v3: 50, v1: 50, v2: 0 } });
    assert.deepEqual(
      resources
        .filter(({ type }) => type === TYPES.version)
        .map(({ name }) => name)
        .sort(),
      ["shop-v1", "shop-v2", "shop-v3"],
    );
    const { inputs, dependencies } = find(resources, TYPES.virtualService, "shop-routes");
    assert.deepEqual(
      inputs.spec.http[0].route.map(({ destination, weight }: any) => [destination.subset, weight]),
      [
        ["v1", 50],
        ["v2", 0],
        ["v3", 50],
      ],
    );
    for (const version of ["v1", "v2", "v3"]) {
      assert.ok(
        dependencies.includes(`${TYPES.deployment}::shop-${version}`) &&
          dependencies.includes(`${TYPES.destinationRule}::shop-${version}-subset`),
      );
    }
    assert.deepEqual(outputs.weights, { v1: 50, v2: 0, v3: 50 });
    assert.deepEqual(outputs.deployments, { v1: "shop-v1", v2: "shop-v2", v3: "shop-v3" });
  });

  it("may be a single version, which has everything", async () => {
    const { outputs } = await recordApp({ versions: [{ name: "v1", image: "example.com/shop:1.0" }] });
    assert.deepEqual(outputs.weights, { v1: 100 });
  });

  it("may be no policy: then there is no DestinationRule for all versions", async () => {
    const { resources } = await recordApp(TWO_VERSIONS);
    assert.deepEqual(
      resources
        .filter(({ type }) => type === TYPES.destinationRule)
        .map(({ name }) => name)
        .sort(),
      ["shop-v1-subset", "shop-v2-subset"],
    );
  });

  it("may be an app's name apart from the component's, for all its objects but not for their names in the program", async () => {
    const { resources } = await recordApp({ ...TWO_VERSIONS, ...ADDRESS, appName: "web" });
    const objects = resources.filter(
      ({ parent, type }) => type.startsWith("kubernetes:") && !parent.startsWith(TYPES.mesh),
    );
    assert.deepEqual(objects.map(({ name, inputs }) => `${name} is ${inputs.metadata.name}`).sort(), [
      "shop is web",
      "shop is web",
      "shop is web",
      "shop-gateway is web",
      "shop-routes is web",
      "shop-v1 is web-v1",
      "shop-v1-subset is web-v1",
      "shop-v2 is web-v2",
      "shop-v2-subset is web-v2",
    ]);
    const { spec } = find(resources, TYPES.virtualService, "shop-routes").inputs;
    assert.deepEqual([spec.gateways, spec.http[0].route[0].destination.host], [["web"], "web.web.svc.cluster.local"]);
  });

  it("may be ports, of the Service and of the pods", async () => {
    const { resources } = await recordApp({ ...TWO_VERSIONS, service: { port: 8000, targetPort: 9000 } });
    assert.deepEqual(find(resources, TYPES.service, "shop").inputs.spec.ports, [
      { name: "http-8000", port: 8000, targetPort: "http", appProtocol: "http" },
    ]);
    const [container] = find(resources, TYPES.deployment, "shop-v1").inputs.spec.template.spec.containers;
    assert.deepEqual([container.ports[0].containerPort, container.readinessProbe.tcpSocket.port], [9000, 9000]);
    assert.deepEqual(
      find(resources, TYPES.virtualService, "shop-routes").inputs.spec.http[0].route[0].destination.port,
      { number: 8000 },
    );
  });

  it("may be the times in which a pod drains and ends", async () => {
    const { resources } = await recordApp({ ...TWO_VERSIONS, transition: { drainSeconds: 10, graceSeconds: 60 } });
    const { spec } = find(resources, TYPES.deployment, "shop-v1").inputs.spec.template;
    assert.deepEqual(
      [spec.containers[0].lifecycle.preStop, spec.terminationGracePeriodSeconds],
      [{ sleep: { seconds: 10 } }, 60],
    );
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

describe("a pod that would be killed while it drains", () => {
  it("is refused late, before its Deployment is sent", async () => {
    const { messages, registered } = await recordFailing(
      () =>
        new CanaryApp("shop", {
          ...TWO_VERSIONS,
          versions: [
            TWO_VERSIONS.versions[0],
            {
              name: "v2",
              podSpec: pulumi.output({ terminationGracePeriodSeconds: 3, containers: [{ name: "shop", image: "a" }] }),
            },
          ],
        }),
    );
    assert.match(
      messages.join("\n"),
      /version "v2" of CanaryApp "shop": .*\n.* podSpec\.terminationGracePeriodSeconds is 3/,
    );
    assert.equal(registered.includes(`${TYPES.deployment}::shop-v2`), false);
  });
});

describe("an app's url", () => {
  const cases: [name: string, status: object, spec: object, url: string][] = [
    ["its gateway's load balancer", { loadBalancer: { ingress: [{ ip: "203.0.113.7" }] } }, {}, "http://203.0.113.7"],
    [
      "its gateway's load balancer by name",
      { loadBalancer: { ingress: [{ hostname: "lb.example.com" }] } },
      {},
      "http://lb.example.com",
    ],
    [
      "its gateway's own address outside",
      {},
      { externalIPs: ["198.51.100.1"], clusterIP: "10.0.0.1" },
      "http://198.51.100.1",
    ],
    ["its gateway's address inside", {}, { clusterIP: "10.0.0.1" }, "http://10.0.0.1"],
  ];
  for (const [name, status, spec, url] of cases) {
    it(`is ${name}`, async () => {
      let read: string | undefined;
      const { outputs } = await recordApp(TWO_VERSIONS, "shop", {
        outputs: ({ name: resource, id, inputs }) => {
          read = resource === "shop-address" ? id : read;
          return resource === "shop-address" ? { status, spec } : inputs;
        },
      });
      assert.equal(outputs.url, url);
      assert.equal(read, "istio-ingress/istio-ingressgateway");
    });
  }

  it("is the given address, for which no cluster is asked", async () => {
    for (const address of ["203.0.113.7:30080", pulumi.output("203.0.113.7:30080")]) {
      const { resources, outputs } = await recordApp({ ...TWO_VERSIONS, mesh: { gateway: { address } } });
      assert.equal(outputs.url, "http://203.0.113.7:30080");
      assert.deepEqual(
        resources.filter(({ managed }) => !managed),
        [],
      );
    }
  });

  it("is inside the cluster if it has no hosts", async () => {
    const { resources, outputs } = await recordApp({ ...TWO_VERSIONS, hosts: [], service: { port: 8000 } });
    assert.equal(outputs.url, "http://shop.shop.svc.cluster.local:8000");
    assert.deepEqual(
      resources.filter(({ managed }) => !managed),
      [],
    );
  });
});
