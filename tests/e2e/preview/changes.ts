import * as pulumi from "@pulumi/pulumi";
import type { CanaryAppArgs } from "../../../components";

const image = (tag: string) => `docker.io/library/canary-demo:${tag}`;
const version = (name: string, tag = "1.0", more: object = {}) => ({ name, image: image(tag), ...more });

const pod = {
  readinessProbe: { http: { path: "/ready" } },
  resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
};

/** The app as it is on the cluster before every change. */
export const BASE: CanaryAppArgs = {
  versions: [version("v1", "1.0"), version("v2", "2.0")],
  weight: 25,
  hosts: ["shop.example.com"],
  namespace: { name: "previewed" },
  pod,
  routes: [{ match: [{ uri: { prefix: "/beta" } }], version: "v2" }, {}],
};

const v3 = version("v3", "2.0");
const both = (...more: CanaryAppArgs["versions"]) => [...BASE.versions, ...more];
const weights = (versions: CanaryAppArgs["versions"], shares: Record<string, number>): Partial<CanaryAppArgs> => ({
  versions,
  weight: undefined,
  weights: shares,
});

/** Kinds of change, by the name of the file that holds what is said of them; each is made to {@link BASE}. */
export const CHANGES: Readonly<Record<string, Partial<CanaryAppArgs>>> = {
  nothing: {},
  "a-small-step": { weight: 40 },
  "a-large-step": { weight: 100 },
  "back-to-the-old-version": { weight: 0 },
  "a-new-version-at-nothing": weights(both(v3), { v1: 75, v2: 25, v3: 0 }),
  "a-new-version-with-traffic": weights(both(v3), { v1: 70, v2: 20, v3: 10 }),
  "a-version-removed-with-traffic": { versions: [BASE.versions[0]], weight: undefined, routes: [{}] },
  "all-versions-replaced": { ...weights([version("v3"), version("v4", "2.0")], { v3: 50, v4: 50 }), routes: [{}] },
  "a-route-to-a-version-that-is-gone": { versions: [BASE.versions[0]], weight: undefined },
  "another-image-under-the-same-name": { versions: [BASE.versions[0], version("v2", "1.0")] },
  "an-image-without-a-tag": { versions: [BASE.versions[0], { name: "v2", image: "docker.io/library/canary-demo" }] },
  "the-tag-latest": { versions: [BASE.versions[0], version("v2", "latest")] },
  "no-replicas": { versions: [BASE.versions[0], version("v2", "2.0", { replicas: 0 })] },
  "a-secret-weight": { weight: pulumi.secret(40) },
  "more-replicas": { versions: [BASE.versions[0], version("v2", "2.0", { replicas: 3 })] },
  "a-host-more": { hosts: ["shop.example.com", "store.example.com"] },
  "every-host": { hosts: ["*"] },
  "no-host": { hosts: [] },
  "a-route-more": {
    routes: [{ match: [{ headers: { tester: { exact: "yes" } } }], version: "v2" }, ...(BASE.routes ?? [])],
  },
  "a-route-less": { routes: [{}] },
  "another-match": { routes: [{ match: [{ uri: { exact: "/beta" } }], version: "v2" }, {}] },
  "a-route-to-the-other-version": { routes: [{ match: [{ uri: { prefix: "/beta" } }], version: "v1" }, {}] },
  "a-redirect": { routes: [{ match: [{ uri: { prefix: "/beta" } }], redirect: { uri: "/new" } }, {}] },
  "timeout-and-retries": {
    routes: [
      { match: [{ uri: { prefix: "/beta" } }], version: "v2" },
      { timeout: "5s", retries: { attempts: 5 } },
    ],
  },
  "a-fault": {
    routes: [
      { match: [{ uri: { prefix: "/beta" } }], version: "v2" },
      { fault: { abort: { httpStatus: 503, percentage: 10 } } },
    ],
  },
  "a-mirror": {
    routes: [
      { match: [{ uri: { prefix: "/beta" } }], version: "v2" },
      { mirrors: [{ version: "v2", percentage: 10 }] },
    ],
  },
  "another-load-balancer": { trafficPolicy: { loadBalancer: "RANDOM" } },
  "a-policy-of-one-version": {
    versions: [
      BASE.versions[0],
      version("v2", "2.0", { trafficPolicy: { outlierDetection: { consecutive5xxErrors: 3 } } }),
    ],
  },
  "strict-mtls": { mtls: "STRICT" },
  "who-may-call": { access: [{ gateway: true }] },
  "another-gateway-port": { gateway: { servers: [{ port: 8080, protocol: "HTTP" }] } },
  "sticky-users": { sticky: { enabled: true } },
  "another-service-port": { service: { port: 8080 } },
  "another-environment": { pod: { ...pod, env: { ERROR_PERCENT: "1" } } },
  "an-autoscaler": {
    versions: [
      BASE.versions[0],
      version("v2", "2.0", { autoscaling: { minReplicas: 1, maxReplicas: 3, cpuPercent: 80 } }),
    ],
  },
  "a-disruption-budget": { disruptionBudget: { minAvailable: 1 } },
  "labels-of-the-namespace": { namespace: { name: "previewed", labels: { team: "shop" } } },
  "another-namespace": { namespace: { name: "elsewhere" } },
  "a-wrong-weight": { weight: 101 },
};
