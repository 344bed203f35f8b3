import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, LoadBalancer, type MeshArgs } from "canary-app";

const config = new pulumi.Config();
const [stable, newest] = config.requireObject<string[]>("images");
const trafficPolicy = { loadBalancer: LoadBalancer.RoundRobin };

const app = new CanaryApp("myapp", {
  versions: [
    { name: "v1", image: stable, trafficPolicy },
    { name: "v2", image: newest, trafficPolicy },
  ],
  weight: config.requireNumber("weight"),
  routes: [{ match: [{ uri: { exact: "/api/v1/hello" } }] }],
  trafficPolicy,
  mesh: config.getObject<MeshArgs>("mesh"),
});

/** The address to call, with the one path that is routed. */
export const url = pulumi.interpolate`${app.url}/api/v1/hello`;
/** The shares in force, in percent by version. */
export const weights = app.weights;
