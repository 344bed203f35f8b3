import assert from "node:assert/strict";
import { recordProgram } from "../../src/render/program";
import type { RecordedResource } from "../../src/render/recorder";
import { TYPES, find, key } from "./recordings";
import { PROJECT_ROOT, devConfig } from "./stackConfig";

/** What the program registers with the dev stack's config and some keys instead of its own. */
async function program(changes: Record<string, unknown> = {}): Promise<RecordedResource[]> {
  const own = Object.fromEntries(Object.entries(changes).map(([name, value]) => [`canary-app:${name}`, value]));
  return (await recordProgram(PROJECT_ROOT, "dev", { ...devConfig(), ...own })).resources;
}

const PORT = 8080;

/** The pod that the program builds with kx for a version, as it reaches the cluster. */
function pod(image: string, port = PORT): object {
  return {
    serviceAccountName: "myapp",
    terminationGracePeriodSeconds: 30,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    initContainers: [],
    containers: [
      {
        name: "myapp",
        image,
        imagePullPolicy: "IfNotPresent",
        env: [],
        ports: [{ name: "http", containerPort: port }],
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
        resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "128Mi" } },
        readinessProbe: { httpGet: { path: "/ready", port }, periodSeconds: 1 },
        volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
        lifecycle: { preStop: { sleep: { seconds: 5 } } },
      },
    ],
    volumes: [{ name: "tmp", emptyDir: {} }],
  };
}

describe("the program with the dev stack's config", () => {
  let resources: RecordedResource[];
  before(async () => void (resources = await program()));

  it("is the app and nothing else", () => {
    assert.deepEqual(resources.filter(({ parent }) => parent.startsWith(TYPES.stack)).map(key), [
      `${TYPES.app}::myapp`,
    ]);
    assert.equal(resources.length, 21);
  });

  for (const [version, image] of [
    ["v1", "docker.io/library/canary-demo:1.0"],
    ["v2", "docker.io/library/canary-demo:2.0"],
  ]) {
    it(`runs ${version} in a pod that it builds with kx: not root, a writable /tmp, ready when it says so`, () => {
      const { inputs } = find(resources, TYPES.deployment, `myapp-${version}`);
      assert.deepEqual(inputs.spec.template.spec, pod(image));
      assert.equal(inputs.spec.replicas, 1);
    });

    it(`has ROUND_ROBIN for ${version} and for the service`, () => {
      const policy = { loadBalancer: { simple: "ROUND_ROBIN" } };
      assert.deepEqual(find(resources, TYPES.destinationRule, `myapp-${version}-subset`).inputs.spec.subsets, [
        { name: version, labels: { version }, trafficPolicy: policy },
      ]);
      assert.deepEqual(find(resources, TYPES.destinationRule, "myapp-policy").inputs.spec.trafficPolicy, policy);
    });
  }

  it("shares /api/v1/hello 75 to 25, for every host, through the ingress gateway", () => {
    const { spec } = find(resources, TYPES.virtualService, "myapp-routes").inputs;
    assert.deepEqual([spec.hosts, spec.gateways, spec.http.length], [["*"], ["myapp"], 1]);
    assert.deepEqual(spec.http[0].match, [{ uri: { exact: "/api/v1/hello" } }]);
    assert.deepEqual(
      spec.http[0].route.map(({ destination, weight }: any) => [destination.subset, weight]),
      [
        ["v1", 75],
        ["v2", 25],
      ],
    );
  });

  it("has a namespace with sidecars and a ServiceAccount", () => {
    assert.deepEqual(find(resources, TYPES.namespace, "myapp").inputs.metadata, {
      name: "myapp",
      labels: { "istio-injection": "enabled" },
    });
    assert.equal(find(resources, TYPES.serviceAccount, "myapp").inputs.metadata.name, "myapp");
  });
});

describe("the program with other config", () => {
  it("changes the VirtualService alone with the weight", async () => {
    const [before, after] = [await program(), await program({ weight: 50 })];
    const same = (resource: RecordedResource) =>
      JSON.stringify(resource) === JSON.stringify(find(before, resource.type, resource.name));
    assert.deepEqual(after.filter((resource) => !same(resource)).map(key), [`${TYPES.virtualService}::myapp-routes`]);
    assert.equal(after.length, before.length);
  });

  it("gives its pods the port that the service sends to", async () => {
    const resources = await program({ service: { targetPort: 9000 } });
    assert.deepEqual(
      find(resources, TYPES.deployment, "myapp-v1").inputs.spec.template.spec,
      pod("docker.io/library/canary-demo:1.0", 9000),
    );
    assert.equal(find(resources, TYPES.service, "myapp").inputs.spec.ports[0].targetPort, 9000);
  });

  it("gives its pods several ports, and asks the first of HTTP whether they are ready", async () => {
    const ports = [
      { name: "calls", port: 9090, protocol: "grpc" },
      { name: "web", port: 80, targetPort: 8000 },
      { name: "alt", port: 81, targetPort: 8000 },
    ];
    const resources = await program({ service: { ports } });
    const [container] = find(resources, TYPES.deployment, "myapp-v1").inputs.spec.template.spec.containers;
    assert.deepEqual(
      container.ports.map(({ containerPort }: { containerPort: number }) => containerPort),
      [9090, 8000],
    );
    assert.equal(container.readinessProbe.httpGet.port, 8000);
    assert.deepEqual(
      find(resources, TYPES.service, "myapp").inputs.spec.ports.map(({ targetPort }: any) => targetPort),
      [9090, 8000, 8000],
    );
  });

  it("has CanaryApp make the pods of a version with a config", async () => {
    const config = { data: { FEATURE: "on" } };
    const resources = await program({
      versions: [{ name: "v1", image: "example.com/shop:1", config }],
      weight: 100,
    });
    const { spec } = find(resources, TYPES.deployment, "myapp-v1").inputs.spec.template;
    const { metadata } = find(resources, "kubernetes:core/v1:ConfigMap", "myapp-v1-config").inputs;
    assert.deepEqual(spec.containers[0].envFrom, [{ configMapRef: { name: metadata.name } }]);
  });

  it("takes a pod's own specification as it is", async () => {
    const podSpec = { containers: [{ name: "web", image: "example.com/web:1" }], serviceAccountName: "web" };
    const resources = await program({ versions: [{ name: "v1", podSpec }], weight: 0 });
    assert.deepEqual(find(resources, TYPES.deployment, "myapp-v1").inputs.spec.template.spec, {
      ...podSpec,
      containers: [{ ...podSpec.containers[0], lifecycle: { preStop: { sleep: { seconds: 5 } } } }],
      terminationGracePeriodSeconds: 30,
    });
  });

  it("runs three versions by weights, with their replicas", async () => {
    const versions = ["v1", "v2", "v3"].map((name, index) => ({
      name,
      image: `example.com/reviews:${name}`,
      replicas: index + 1,
    }));
    const resources = await program({ versions, weight: 0, weights: { v1: 50, v2: 0, v3: 50 } });
    const { spec } = find(resources, TYPES.virtualService, "myapp-routes").inputs;
    assert.deepEqual(
      spec.http[0].route.map(({ destination, weight }: any) => [destination.subset, weight]),
      [
        ["v1", 50],
        ["v2", 0],
        ["v3", 50],
      ],
    );
    assert.deepEqual(
      versions.map(({ name }) => find(resources, TYPES.deployment, `myapp-${name}`).inputs.spec.replicas),
      [1, 2, 3],
    );
  });

  it("fails with the name of the wrong key", async () => {
    await assert.rejects(
      program({ weight: 101 }),
      /^ValidationError: The config of stack "dev": 1 mistake; .*\n {2}- canary-app:weight is 101;/,
    );
  });
});
