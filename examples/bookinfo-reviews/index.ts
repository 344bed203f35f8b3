import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, type FaultArgs, type MeshArgs } from "canary-app";

const config = new pulumi.Config();
const image = config.require("image");
const maxConnections = config.requireNumber("maxConnections");
const port = 9080;

const fault: FaultArgs = {
  delay: { fixedDelay: "1s", percentage: config.requireNumber("delayPercent") },
  abort: { httpStatus: 500, percentage: config.requireNumber("abortPercent") },
};

const app = new CanaryApp("reviews", {
  versions: ["v1", "v2", "v3"].map((name) => ({ name, image, pod: { env: { VERSION: name, PORT: `${port}` } } })),
  weights: config.requireObject<Record<string, number>>("weights"),
  namespace: { name: "bookinfo" },
  service: { port, targetPort: port },
  hosts: [], // only the mesh calls it
  routes: [
    { name: "test-user", match: [{ headers: { "end-user": { exact: "jason" } } }], version: "v2", fault },
    // Reading reviews again does no harm, so what a pod or its proxy failed at is tried again, too.
    {
      name: "everyone",
      timeout: "3s",
      retries: { attempts: 2, perTryTimeout: "1s", retryOn: "connect-failure,refused-stream,gateway-error" },
    },
  ],
  // The circuit breaker: what is above the limits gets 503 at once, and a pod that goes on failing is left alone.
  trafficPolicy: {
    connectionPool: {
      tcp: { maxConnections },
      http: { http1MaxPendingRequests: maxConnections, maxRequestsPerConnection: 100 },
    },
    outlierDetection: { consecutive5xxErrors: 5, interval: "5s", baseEjectionTime: "15s", maxEjectionPercent: 100 },
  },
  mesh: config.getObject<MeshArgs>("mesh"),
});

/** Where the mesh calls it. */
export const url = app.url;
/** The shares in force, in percent by version. */
export const weights = app.weights;
