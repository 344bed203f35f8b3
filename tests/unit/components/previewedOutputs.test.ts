import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { CanaryApp, type CanaryAppArgs, SharedGateway } from "../../../components";
import { type RecordOptions, type RecordedResource, record } from "../../../src/render/recorder";
import { TWO_VERSIONS, TYPES, find } from "../recordings";

type Outputs = NonNullable<RecordOptions["outputs"]>;

/** What the API server's dry run makes up for a Service, as the provider tells it in a preview of its creation. */
const DRY_RUN = { uid: "5ad24a29-d3c7-4cb4-a2d8-6a4a1b2f1c34", clusterIP: "10.96.0.0", nodePort: 32769 };

const withCluster: Outputs = ({ type, inputs }) =>
  type !== TYPES.service
    ? (inputs as object as Record<string, unknown>)
    : {
        ...inputs,
        metadata: { ...inputs.metadata, uid: DRY_RUN.uid },
        spec: {
          ...inputs.spec,
          clusterIP: DRY_RUN.clusterIP,
          ports: inputs.spec.ports.map((port: object) => ({ ...port, nodePort: DRY_RUN.nodePort })),
        },
      };

/** Without a cluster, the provider gives back the inputs, in which these fields are missing. */
const withoutCluster: Outputs = ({ inputs }) => inputs as Record<string, unknown>;

interface Told {
  outputs: Record<string, unknown>;
  resources: RecordedResource[];
}

/** Runs a program with a Service that is to be created, or is there, and tells what components' outputs are. */
async function told(
  program: (edge: k8s.core.v1.Service) => Record<string, pulumi.Output<unknown>>,
  outputs: Outputs,
  preview = true,
): Promise<Told> {
  const known: Record<string, unknown> = {};
  const { resources } = await record(
    () => {
      const edge = new k8s.core.v1.Service("edge", {
        metadata: { name: "edge", namespace: "edge" },
        spec: { type: "NodePort", ports: [{ port: 80 }] },
      });
      for (const [name, output] of Object.entries(program(edge))) {
        output.apply((value) => void (known[name] = value));
      }
    },
    { project: "test", stack: "dev", outputs, preview },
  );
  return { outputs: known, resources };
}

const app = (args: Partial<CanaryAppArgs>): Record<string, pulumi.Output<unknown>> => {
  const { url, weights, namespace } = new CanaryApp("shop", {
    ...TWO_VERSIONS,
    hosts: ["shop.example.com"],
    mesh: { install: false, gateway: { address: "203.0.113.7" } },
    ...args,
  });
  return { url, weights, namespace };
};

const FINAL = { url: "http://203.0.113.7", weights: { v1: 75, v2: 25 }, namespace: "shop" };

const GRPC = { name: "calls", port: 9090, protocol: "grpc" as const };

/** What of an app hangs on the Service's made up values, and its outputs that are unknown because of that. */
const CASES: [name: string, args: (edge: k8s.core.v1.Service) => Partial<CanaryAppArgs>, unknown: string[]][] = [
  ["the gateway's address", (edge) => ({ mesh: at(edge.spec.clusterIP) }), ["url"]],
  [
    "a server's port",
    (edge) => ({ gateway: { servers: [{ port: edge.spec.ports[0].nodePort, protocol: "HTTP" as const }] } }),
    ["url"],
  ],
  ["the Service's port", (edge) => ({ hosts: [], service: { port: edge.spec.ports[0].nodePort } }), ["url"]],
  [
    "the first of several ports",
    (edge) => ({ hosts: [], service: { ports: [{ name: "web", port: edge.spec.ports[0].nodePort }, GRPC] } }),
    ["url"],
  ],
  [
    "the first of several ports, behind a gateway whose servers it is told from",
    (edge) => ({ service: { ports: [{ name: "web", port: edge.spec.ports[0].nodePort }, GRPC] } }),
    ["url"],
  ],
  [
    "the only port of an app with hosts, whose url is the gateway's",
    (edge) => ({ service: { port: edge.spec.ports[0].nodePort } }),
    [],
  ],
  ["the weight", (edge) => ({ weight: edge.spec.ports[0].nodePort.apply((port) => port % 100) }), ["weights"]],
  ["a variable of the pods", (edge) => ({ pod: { env: { EDGE: edge.spec.clusterIP, ID: edge.metadata.uid } } }), []],
  ["an image", (edge) => ({ versions: [TWO_VERSIONS.versions[0], { name: "v2", image: edge.metadata.uid }] }), []],
];

const at = (address: pulumi.Input<string>) => ({ install: false, gateway: { address } });

describe("in a preview of a creation, an app whose arguments hang on what the cluster makes up", () => {
  for (const [where, outputs] of [
    ["with a cluster", withCluster],
    ["without one", withoutCluster],
  ] as const) {
    for (const [name, args, unknown] of CASES) {
      it(`has unknown outputs for it alone, and fails nowhere, ${where}: ${name}`, async () => {
        const { outputs: known } = await told((edge) => app(args(edge)), outputs);
        const expected = Object.entries(FINAL).filter(([output]) => !unknown.includes(output));
        const seen = Object.entries(known).filter(
          ([output]) => output !== "url" || expected.some(([each]) => each === "url"),
        );
        assert.deepEqual(Object.keys(known).sort(), expected.map(([output]) => output).sort());
        assert.deepEqual(Object.fromEntries(seen), Object.fromEntries(expected));
      });
    }
  }

  it("has them known once the Service is there", async () => {
    const { outputs } = await told((edge) => app({ mesh: at(edge.spec.clusterIP) }), withCluster, false);
    assert.deepEqual(outputs, { ...FINAL, url: "http://10.96.0.0" });
  });

  it("keeps what a name of a resource decides: all of its objects are as they will be", async () => {
    const args = (edge: k8s.core.v1.Service) => app({ pod: { env: { EDGE: edge.metadata.name } } });
    const { resources } = await told(args, withCluster);
    const { containers } = find(resources, TYPES.deployment, "shop-v2").inputs.spec.template.spec;
    assert.deepEqual(containers[0].env, [{ name: "EDGE", value: "edge" }]);
  });
});

describe("in a preview of a creation, a shared gateway", () => {
  const gateway = (port: pulumi.Input<number>, credentialName?: pulumi.Input<string>) => {
    const tls =
      credentialName === undefined
        ? {}
        : { protocol: "HTTPS" as const, tls: { mode: "SIMPLE" as const, credentialName } };
    const { reference, servers } = new SharedGateway("edge", {
      servers: [{ port, hosts: ["shop.example.com"], ...tls }],
    });
    return { reference, servers };
  };

  for (const [where, outputs] of [
    ["with a cluster", withCluster],
    ["without one", withoutCluster],
  ] as const) {
    it(`has unknown servers where a port hangs on what the cluster makes up, ${where}`, async () => {
      const { outputs: known } = await told((edge) => gateway(edge.spec.ports[0].nodePort), outputs);
      assert.deepEqual(known, { reference: "istio-ingress/edge" });
    });
  }

  it("has them known where a certificate's name is that of an object still to be created", async () => {
    const { outputs } = await told((edge) => gateway(443, edge.metadata.name), withCluster);
    assert.deepEqual(Object.keys(outputs).sort(), ["reference", "servers"]);
  });
});

describe("in a preview, a mistake in a value that is known late", () => {
  const weightOf = (value: number) => (edge: k8s.core.v1.Service) =>
    app({ weight: edge.metadata.name.apply(() => value) });

  it("is refused where nothing that it was computed from is still to be created", async () => {
    const there: Outputs = ({ inputs }) => inputs as Record<string, unknown>;
    await assert.rejects(told(weightOf(101), there, false), /weight is 101/);
  });

  it("is left to the update where it may become another value", async () => {
    const { outputs } = await told(weightOf(101), withCluster);
    assert.equal(outputs.weights, undefined);
  });
});
