import assert from "node:assert/strict";
import { LoadBalancer } from "../../../components";
import type { RecordedResource, Recording } from "../../../src/render/recorder";
import { type AppOutputs, TYPES, find, key, recordApp } from "../recordings";

/** A resource as a table states it: what it is, whose it is, and what it waits for. */
type Row = readonly [type: string, name: string, parent: string, waitsFor: readonly string[]];

const APP = `${TYPES.app}::shop`;
const MESH = `${TYPES.mesh}::shop-mesh`;
const SYSTEM = `${TYPES.namespace}::shop-mesh-system`;
const BASE = `${TYPES.release}::shop-mesh-base`;
const ISTIOD = `${TYPES.release}::shop-mesh-istiod`;
const INGRESS = `${TYPES.namespace}::shop-mesh-ingress`;
const INGRESS_GATEWAY = `${TYPES.release}::shop-mesh-gateway`;
const NAMESPACE = `${TYPES.namespace}::shop`;
const ACCOUNT = `${TYPES.serviceAccount}::shop`;

describe("an app of two versions behind the ingress gateway, with all of Istio", () => {
  let recording: Recording & { outputs: AppOutputs };
  before(async () => {
    const trafficPolicy = { loadBalancer: LoadBalancer.RoundRobin };
    recording = await recordApp({
      versions: [
        { name: "v1", image: "example.com/shop:1.0", trafficPolicy },
        { name: "v2", image: "example.com/shop:2.0", trafficPolicy, replicas: 2 },
      ],
      weight: 25,
      routes: [{ match: [{ uri: { exact: "/api/v1/hello" } }] }],
      trafficPolicy,
    });
  });
  const inputsOf = (type: string, name: string): RecordedResource["inputs"] =>
    find(recording.resources, type, name).inputs;

  it("is these resources, each below its own and after what it needs", () => {
    const rows: Row[] = [
      [TYPES.stack, "test-dev", "", []],
      [TYPES.app, "shop", `${TYPES.stack}::test-dev`, []],
      [TYPES.mesh, "shop-mesh", APP, []],
      [TYPES.namespace, "shop-mesh-system", MESH, []],
      [TYPES.namespace, "shop-mesh-ingress", MESH, []],
      [TYPES.release, "shop-mesh-base", MESH, [SYSTEM]],
      [TYPES.release, "shop-mesh-istiod", MESH, [SYSTEM, BASE]],
      [TYPES.release, "shop-mesh-gateway", MESH, [INGRESS, ISTIOD]],
      [TYPES.namespace, "shop", APP, [ISTIOD]],
      [TYPES.serviceAccount, "shop", APP, [NAMESPACE]],
      [
        TYPES.service,
        "shop",
        APP,
        [
          NAMESPACE,
          ...["v1", "v2"].flatMap((version) => [
            `${TYPES.deployment}::shop-${version}`,
            `${TYPES.destinationRule}::shop-${version}-subset`,
          ]),
        ],
      ],
      [TYPES.destinationRule, "shop-policy", APP, [NAMESPACE, ISTIOD]],
      [TYPES.gateway, "shop-gateway", APP, [NAMESPACE, ISTIOD]],
      [TYPES.version, "shop-v1", APP, []],
      [TYPES.deployment, "shop-v1", `${TYPES.version}::shop-v1`, [NAMESPACE, ACCOUNT, ISTIOD]],
      [
        TYPES.destinationRule,
        "shop-v1-subset",
        `${TYPES.version}::shop-v1`,
        [`${TYPES.deployment}::shop-v1`, NAMESPACE, ISTIOD],
      ],
      [TYPES.version, "shop-v2", APP, []],
      [TYPES.deployment, "shop-v2", `${TYPES.version}::shop-v2`, [NAMESPACE, ACCOUNT, ISTIOD]],
      [
        TYPES.destinationRule,
        "shop-v2-subset",
        `${TYPES.version}::shop-v2`,
        [`${TYPES.deployment}::shop-v2`, NAMESPACE, ISTIOD],
      ],
      [
        TYPES.virtualService,
        "shop-routes",
        APP,
        [
          NAMESPACE,
          `${TYPES.service}::shop`,
          `${TYPES.destinationRule}::shop-policy`,
          `${TYPES.gateway}::shop-gateway`,
          `${TYPES.deployment}::shop-v1`,
          `${TYPES.destinationRule}::shop-v1-subset`,
          `${TYPES.deployment}::shop-v2`,
          `${TYPES.destinationRule}::shop-v2-subset`,
        ],
      ],
      [TYPES.service, "shop-address", APP, [SYSTEM, INGRESS, BASE, ISTIOD, INGRESS_GATEWAY]],
    ];
    const sorted = (list: readonly Row[]) =>
      list.map(([type, name, parent, waitsFor]) => [`${type}::${name}`, parent, [...waitsFor].sort()]).sort();
    const recorded = recording.resources.map(({ type, name, parent, dependencies }): Row => [
      type,
      name,
      parent,
      dependencies,
    ]);
    assert.deepEqual(sorted(recorded), sorted(rows));
  });

  it("manages all of them but the gateway's Service, of which it reads the address", () => {
    assert.deepEqual(
      recording.resources.filter(({ managed }) => !managed).map(({ name }) => name),
      ["shop-address"],
    );
  });

  it("has hooks around the VirtualService's update, one before the Service's, one before each Release's and one after the control plane's, and none elsewhere", () => {
    const none: { beforeUpdate: string[]; afterUpdate: string[] } = { beforeUpdate: [], afterUpdate: [] };
    const bound = new Map([
      [
        `${TYPES.virtualService}::shop-routes`,
        { beforeUpdate: ["shop-settle-before"], afterUpdate: ["shop-settle-after"] },
      ],
      ...["base", "istiod", "gateway"].map((chart): [string, typeof none] => [
        `${TYPES.release}::shop-mesh-${chart}`,
        {
          beforeUpdate: [`shop-mesh-${chart}-upgrade-again`],
          afterUpdate: chart === "istiod" ? ["shop-mesh-reconnect"] : [],
        },
      ]),
      [`${TYPES.service}::shop`, { beforeUpdate: ["shop-port-warnings"], afterUpdate: [] }],
    ]);
    for (const resource of recording.resources) {
      assert.deepEqual(resource.hooks, bound.get(key(resource)) ?? none, key(resource));
    }
    assert.deepEqual(recording.hooks, [
      "shop-mesh-base-install-again",
      "shop-mesh-base-upgrade-again",
      "shop-mesh-reconnect",
      "shop-mesh-istiod-install-again",
      "shop-mesh-istiod-upgrade-again",
      "shop-mesh-gateway-install-again",
      "shop-mesh-gateway-upgrade-again",
      "shop-port-warnings",
      "shop-settle-before",
      "shop-settle-after",
    ]);
  });

  it("lets no argument of components become their input, so that only real objects are told as changed", () => {
    for (const { type, inputs } of recording.resources) {
      assert.ok(!type.startsWith("canary-app:") || Object.keys(inputs).length === 0, type);
    }
  });

  it("has a namespace with sidecars, a ServiceAccount, and a Service that waits for no pods", () => {
    assert.deepEqual(inputsOf(TYPES.namespace, "shop").metadata, {
      name: "shop",
      labels: { "istio-injection": "enabled" },
    });
    assert.deepEqual(inputsOf(TYPES.serviceAccount, "shop").metadata, {
      name: "shop",
      namespace: "shop",
      labels: { app: "shop" },
    });
    const { metadata, spec } = inputsOf(TYPES.service, "shop");
    assert.deepEqual(metadata, {
      name: "shop",
      namespace: "shop",
      labels: { app: "shop" },
      annotations: { "pulumi.com/skipAwait": "true" },
    });
    assert.deepEqual(spec, {
      selector: { app: "shop" },
      ports: [{ name: "http-80", port: 80, targetPort: "http", appProtocol: "http" }],
    });
  });

  for (const [version, image, replicas] of [
    ["v1", "example.com/shop:1.0", 1],
    ["v2", "example.com/shop:2.0", 2],
  ] as const) {
    it(`has a Deployment for ${version} whose pods drain`, () => {
      const { metadata, spec } = inputsOf(TYPES.deployment, `shop-${version}`);
      const labels = { app: "shop", version };
      assert.deepEqual(metadata, {
        name: `shop-${version}`,
        namespace: "shop",
        labels,
        annotations: { "pulumi.com/patchForce": "true" },
      });
      assert.deepEqual(spec, {
        replicas,
        selector: { matchLabels: labels },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: "shop",
            terminationGracePeriodSeconds: 30,
            securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
            containers: [
              {
                name: "shop",
                image,
                imagePullPolicy: "IfNotPresent",
                ports: [{ name: "http", containerPort: 8080 }],
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ["ALL"] },
                },
                readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 2 },
                volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
                lifecycle: { preStop: { sleep: { seconds: 5 } } },
              },
            ],
            volumes: [{ name: "tmp", emptyDir: {} }],
          },
        },
      });
    });

    it(`has a DestinationRule for ${version} with its one subset`, () => {
      assert.deepEqual(inputsOf(TYPES.destinationRule, `shop-${version}-subset`), {
        apiVersion: "networking.istio.io/v1",
        kind: "DestinationRule",
        metadata: { name: `shop-${version}`, namespace: "shop", labels: { app: "shop", version } },
        spec: {
          host: "shop.shop.svc.cluster.local",
          subsets: [{ name: version, labels: { version }, trafficPolicy: { loadBalancer: { simple: "ROUND_ROBIN" } } }],
        },
      });
    });
  }

  const istio = {
    apiVersion: "networking.istio.io/v1",
    metadata: { name: "shop", namespace: "shop", labels: { app: "shop" } },
  };

  it("has a DestinationRule with the policy of all versions", () => {
    assert.deepEqual(inputsOf(TYPES.destinationRule, "shop-policy"), {
      ...istio,
      kind: "DestinationRule",
      spec: { host: "shop.shop.svc.cluster.local", trafficPolicy: { loadBalancer: { simple: "ROUND_ROBIN" } } },
    });
  });

  it("has a Gateway for every host", () => {
    assert.deepEqual(inputsOf(TYPES.gateway, "shop-gateway"), {
      ...istio,
      kind: "Gateway",
      spec: {
        selector: { istio: "ingressgateway" },
        servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
      },
    });
  });

  it("has a VirtualService that shares the route 75 to 25", () => {
    const destination = (subset: string) => ({ host: "shop.shop.svc.cluster.local", subset, port: { number: 80 } });
    assert.deepEqual(inputsOf(TYPES.virtualService, "shop-routes"), {
      ...istio,
      kind: "VirtualService",
      spec: {
        hosts: ["*"],
        gateways: ["shop"],
        http: [
          {
            match: [{ uri: { exact: "/api/v1/hello" } }],
            retries: { attempts: 2, retryOn: "connect-failure,refused-stream,reset-before-request" },
            route: [
              { destination: destination("v1"), weight: 75 },
              { destination: destination("v2"), weight: 25 },
            ],
          },
        ],
      },
    });
  });

  it("tells its shares, its namespace and its Deployments", () => {
    const { weights, namespace, deployments } = recording.outputs;
    assert.deepEqual(
      { weights, namespace, deployments },
      { weights: { v1: 75, v2: 25 }, namespace: "shop", deployments: { v1: "shop-v1", v2: "shop-v2" } },
    );
  });
});
