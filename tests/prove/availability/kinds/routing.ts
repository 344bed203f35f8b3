import { type AppArgs, APP, POD, TARGET, appKind, image, version } from "../appKind";
import type { Kind } from "../kind";

const two: AppArgs = { versions: [version(1), version(2)], weight: 50 };

const routes = appKind({
  name: "routes",
  changes: "routes, hosts, timeouts, retries, traffic mirroring, sticky sessions",
  first: two,
  steps: () => [
    { ...two, routes: [{ match: [{ uri: { prefix: "/beta" } }], version: "v2" }, {}] },
    { ...two, hosts: [TARGET.host, "more.example.com"] },
    {
      ...two,
      routes: [{ timeout: "9s", retries: { attempts: 4 }, headers: { response: { set: { "x-proven": "yes" } } } }],
    },
    { ...two, routes: [{ mirrors: [{ version: "v2", percentage: 20 }] }] },
    { ...two, sticky: { enabled: true } },
    two,
  ],
});

const policies = appKind({
  name: "policies",
  changes: "traffic policies of the app and of one version, strict mTLS, authorization rules",
  first: two,
  steps: () => [
    { ...two, trafficPolicy: { loadBalancer: "LEAST_REQUEST" } },
    { ...two, trafficPolicy: { loadBalancer: "RANDOM", connectionPool: { http: { http2MaxRequests: 1000 } } } },
    {
      ...two,
      versions: [version(1), version(2, { trafficPolicy: { outlierDetection: { consecutive5xxErrors: 5 } } })],
    },
    { ...two, mtls: "STRICT" },
    { ...two, access: [{ gateway: true, serviceAccounts: ["callers/prover"] }] },
    two,
  ],
});

const PORTS = [8081, 80] as const;

const servicePort = appKind({
  name: "service-port",
  changes: "the Service's port",
  first: two,
  steps: () => PORTS.map((port) => ({ ...two, service: { port } })),
});

const targetPort = appKind({
  name: "target-port",
  changes: "the port that the pods listen on, with another version",
  first: { versions: [version(1)], weights: { v1: 100 } },
  steps: () =>
    [8082, 8080].map((port) => ({
      versions: [version(1)],
      weights: { v1: 100 },
      service: { targetPort: port },
      pod: { env: { PORT: String(port) } },
    })),
});

/** A podSpec whose port has no name, and which otherwise equals {@link POD}. */
const POD_SPEC = {
  containers: [
    {
      name: "app",
      image: image("1.0"),
      ports: [{ containerPort: 8080 }],
      readinessProbe: { httpGet: { path: "/ready", port: 8080 }, periodSeconds: 1 },
      resources: POD.resources,
    },
  ],
};

const podSpec = appKind({
  name: "pod-spec",
  changes: "from an `image` to a `podSpec` whose port has no name, and back, in one up each",
  first: { versions: [version(1)], weights: { v1: 100 } },
  steps: () =>
    [{ name: "v1", podSpec: POD_SPEC }, version(1)].map((only) => ({ versions: [only], weights: { v1: 100 } })),
});

const namespace = appKind({
  name: "namespace",
  changes: "labels of the namespace",
  first: two,
  steps: (round) => [{ ...two, namespace: { name: APP, labels: { team: `team-${round}` } } }, two],
});

/** Changes of how requests reach the app. */
export const ROUTING_KINDS: readonly Kind[] = [routes, policies, servicePort, targetPort, podSpec, namespace];
