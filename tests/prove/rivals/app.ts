import { NETWORKING_API } from "../../../src/istio/istioObjects";

/** The names of the app, its namespace and its host. */
export const APP = "rival";
export const NAMESPACE = "rivals";
export const HOST = "rival.example.com";

/** The share of a bad version's responses that are errors, in percent. */
export const BAD_PERCENT = 20;

/** The minimum success rate that every contender requires, in percent. */
export const LEAST_SUCCESS = 95;

/** The number of pods of each version. */
export const REPLICAS = 2;

export const IMAGE = "docker.io/library/canary-demo:1.0";

/** The difference between two versions of the app. */
export function environmentOf(version: string): Record<string, string> {
  return { VERSION: version, ...(version === "v5" ? { ERROR_PERCENT: String(BAD_PERCENT) } : {}) };
}

/** How long a terminating pod goes on answering, in seconds. */
const DRAIN_S = 5;

/** How that is implemented: by a preStop sleep of Kubernetes, or by the app itself. */
export type Drain = "preStop" | "app";

/** The pods of a version, the same for every contender, with the preStop sleep that all of them recommend. */
export function podTemplate(
  version: string,
  labels: Record<string, string>,
  annotations: Record<string, string> = {},
  drain: Drain = "preStop",
): object {
  const environment = { ...environmentOf(version), ...(drain === "app" ? { DRAIN: `${DRAIN_S}s` } : {}) };
  const container = {
    name: APP,
    image: IMAGE,
    imagePullPolicy: "IfNotPresent",
    ports: [{ name: "http", containerPort: 8080 }],
    env: Object.entries(environment).map(([name, value]) => ({ name, value })),
    readinessProbe: { httpGet: { path: "/ready", port: 8080 }, periodSeconds: 1 },
    resources: { requests: { cpu: "10m", memory: "16Mi" } },
    ...(drain === "preStop" ? { lifecycle: { preStop: { sleep: { seconds: DRAIN_S } } } } : {}),
  };
  return { metadata: { labels: { app: APP, ...labels }, annotations }, spec: { containers: [container] } };
}

export const NAMESPACE_OBJECT = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: NAMESPACE, labels: { "istio-injection": "enabled" } },
};

/** The Service of an app, which selects all pods with its label. */
export const SERVICE = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: APP, namespace: NAMESPACE },
  spec: { selector: { app: APP }, ports: [{ name: "http", port: 80, targetPort: 8080 }] },
};

export const GATEWAY = {
  apiVersion: NETWORKING_API,
  kind: "Gateway",
  metadata: { name: APP, namespace: NAMESPACE },
  spec: {
    selector: { istio: "ingressgateway" },
    servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: [HOST] }],
  },
};

/** How callers treat failed connections: as CanaryApp does by default, for every contender that can be configured. */
export const RETRIES = { attempts: 2, retryOn: "connect-failure,refused-stream,reset-before-request" };

/** The route of all requests: to subsets with these weights. */
export function virtualService(shares: Readonly<Record<string, number>>): { spec: object; [field: string]: unknown } {
  const route = Object.entries(shares).map(([subset, weight]) => ({
    destination: { host: APP, subset, port: { number: 80 } },
    weight,
  }));
  return {
    apiVersion: NETWORKING_API,
    kind: "VirtualService",
    metadata: { name: APP, namespace: NAMESPACE },
    spec: { hosts: [HOST], gateways: [APP], http: [{ name: "primary", route, retries: RETRIES }] },
  };
}

export function destinationRule(subsets: Readonly<Record<string, Record<string, string>>>): object {
  return {
    apiVersion: NETWORKING_API,
    kind: "DestinationRule",
    metadata: { name: APP, namespace: NAMESPACE },
    spec: { host: APP, subsets: Object.entries(subsets).map(([name, labels]) => ({ name, labels })) },
  };
}

/** One version's own Deployment. */
export function deployment(version: string): object {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: `${APP}-${version}`, namespace: NAMESPACE },
    spec: {
      replicas: REPLICAS,
      selector: { matchLabels: { app: APP, version } },
      template: podTemplate(version, { version }),
    },
  };
}
