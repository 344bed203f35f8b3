import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, type MeshArgs } from "canary-app";
import { demoPod } from "../demoPod";

const config = new pulumi.Config();
const image = config.require("image");
const port = 9080;
const host = "reviews.bookinfo.svc.cluster.local";

const percentage = (key: string) => ({ percentage: { value: config.requireNumber(key) } });
const faults = {
  ...(config.requireNumber("delayPercent") > 0 ? { delay: { fixedDelay: "2s", ...percentage("delayPercent") } } : {}),
  ...(config.requireNumber("abortPercent") > 0 ? { abort: { httpStatus: 500, ...percentage("abortPercent") } } : {}),
};

const app = new CanaryApp("reviews", {
  versions: ["v1", "v2", "v3"].map((name) => ({ name, podSpec: demoPod("reviews", image, port, { VERSION: name }) })),
  weights: config.requireObject<Record<string, number>>("weights"),
  namespace: { name: "bookinfo" },
  service: { port, targetPort: port },
  hosts: [], // only the mesh calls it
  routes: [
    {
      name: "test-user",
      match: [{ headers: { "end-user": { exact: "jason" } } }],
      extra: { route: [{ destination: { host, subset: "v2", port: { number: port } } }], ...(Object.keys(faults).length > 0 ? { fault: faults } : {}) },
    },
    { name: "everyone", timeout: "5s", retries: { attempts: 2, perTryTimeout: "2s" } },
  ],
  trafficPolicy: {
    extra: {
      connectionPool: { tcp: { maxConnections: 100 }, http: { http1MaxPendingRequests: 64, maxRequestsPerConnection: 100 } },
      outlierDetection: { consecutive5xxErrors: 5, interval: "5s", baseEjectionTime: "15s", maxEjectionPercent: 100 },
    },
  },
  mesh: config.getObject<MeshArgs>("mesh"),
});

/** Where the mesh calls it. */
export const url = app.url;
/** The shares in force, in percent by version. */
export const weights = app.weights;
