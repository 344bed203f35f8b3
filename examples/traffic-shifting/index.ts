import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, type ImagePullPolicy, type LoadBalancer, type MeshArgs } from "canary-app";

const config = new pulumi.Config();
const [stable, newest] = config.requireObject<string[]>("images");
// For the service, and for each version by itself.
const trafficPolicy = { loadBalancer: config.require<LoadBalancer>("loadBalancer") };

const app = new CanaryApp("myapp", {
  versions: [
    { name: "v1", image: stable, trafficPolicy },
    { name: "v2", image: newest, trafficPolicy },
  ],
  weight: config.requireNumber("weight"),
  // Not root, with a writable /tmp and nothing else: that is every pod's default.
  pod: { imagePullPolicy: config.require<ImagePullPolicy>("imagePullPolicy") },
  hosts: config.requireObject<string[]>("hosts"),
  routes: [{ match: [{ uri: { exact: "/api/v1/hello" } }] }],
  trafficPolicy,
  mesh: config.getObject<MeshArgs>("mesh"),
});

/** The address to call, with the one path that is routed. */
export const url = pulumi.interpolate`${app.url}/api/v1/hello`;
/** The shares in force, in percent by version. */
export const weights = app.weights;
