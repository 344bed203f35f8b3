import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, LoadBalancer, type MeshArgs } from "canary-app";

const config = new pulumi.Config();
const [stable, newest] = config.requireObject<string[]>("images");

const app = new CanaryApp("hello-world", {
  versions: [
    { name: "v1", image: stable, replicas: 2, trafficPolicy: { loadBalancer: LoadBalancer.Random } },
    { name: "v2", image: newest, replicas: 3, trafficPolicy: { extra: { loadBalancer: { consistentHash: config.requireObject<object>("hash") } } } },
  ],
  weight: config.requireNumber("weight"),
  hosts: ["hello.example.com"],
  routes: [
    { name: "v2-path", match: [{ uri: { prefix: "/v2/" } }, { uri: { exact: "/v2" } }], rewrite: { uri: "/" } },
    { name: "everything" },
  ],
  // For all versions; what a version sets takes its place.
  trafficPolicy: {
    loadBalancer: LoadBalancer.LeastRequest,
    extra: {
      connectionPool: { tcp: { maxConnections: 100, connectTimeout: "2s" }, http: { http1MaxPendingRequests: 64, http2MaxRequests: 256 } },
      outlierDetection: { consecutive5xxErrors: 5, interval: "10s", baseEjectionTime: "30s", maxEjectionPercent: 50 },
    },
  },
  mesh: config.getObject<MeshArgs>("mesh"),
});

/** The address to call, with the header `Host: hello.example.com`. */
export const url = app.url;
/** The shares in force, in percent by version. */
export const weights = app.weights;
