import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, type ConsistentHashArgs, LoadBalancer, type MeshArgs } from "canary-app";

const config = new pulumi.Config();
const [stable, newest] = config.requireObject<string[]>("images");

const app = new CanaryApp("hello-world", {
  versions: [
    // Each block takes the place of the service's; the others are the service's.
    {
      name: "v1",
      image: stable,
      replicas: 2,
      trafficPolicy: { loadBalancer: LoadBalancer.Random, outlierDetection: { consecutive5xxErrors: 3 } },
    },
    {
      name: "v2",
      image: newest,
      replicas: 3,
      trafficPolicy: { consistentHash: config.requireObject<ConsistentHashArgs>("hash") },
    },
  ],
  weight: config.requireNumber("weight"),
  hosts: ["hello.example.com"],
  routes: [
    // Two matches, so that the app sees /a of /v2/a and / of /v2, never a double slash.
    { name: "v2-path", match: [{ uri: { prefix: "/v2/" } }, { uri: { exact: "/v2" } }], rewrite: { uri: "/" } },
    { name: "everything" },
  ],
  trafficPolicy: {
    loadBalancer: LoadBalancer.LeastRequest,
    connectionPool: {
      tcp: { maxConnections: 100, connectTimeout: "2s" },
      http: { http1MaxPendingRequests: 64, http2MaxRequests: 256 },
    },
    outlierDetection: { consecutive5xxErrors: 5, interval: "10s", baseEjectionTime: "30s", maxEjectionPercent: 50 },
  },
  mesh: config.getObject<MeshArgs>("mesh"),
});

/** The address to call, with the header `Host: hello.example.com`. */
export const url = app.url;
/** The shares in force, in percent by version. */
export const weights = app.weights;
