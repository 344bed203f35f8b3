import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, type CanaryAppArgs, IstioMesh, type MeshArgs } from "canary-app";

const config = new pulumi.Config();
const image = config.require("image");
const { install = true, revision, ...istio } = config.getObject<MeshArgs>("mesh") ?? {};

// One mesh and one namespace, which all four services share.
const mesh = install ? new IstioMesh("mesh", istio) : undefined;
const labels: Record<string, pulumi.Input<string>> = revision === undefined
  ? { "istio-injection": "enabled" }
  : { "istio.io/rev": revision };
const name = "cloud-native-starter";
const namespace = new k8s.core.v1.Namespace(
  "starter",
  { metadata: { name, labels } },
  { dependsOn: mesh?.controlPlane },
);

const version = (service: string, number: string) => ({
  name: number,
  image,
  pod: { env: { VERSION: `${service}-${number}` } },
});
const shared: Pick<CanaryAppArgs, "namespace" | "mesh"> = {
  namespace: { name, create: false },
  mesh: { install: false, gateway: istio.gateway },
};

// Called through the gateway and by each other, always the whole service.
for (const service of ["web-app", "articles", "authors"]) {
  new CanaryApp(service, { versions: [version(service, "v1")], hosts: [], ...shared }, { dependsOn: namespace });
}

// The one gateway, and every route through it; the API's is shared among its versions.
const api = new CanaryApp(
  "web-api",
  {
    versions: [version("web-api", "v1"), version("web-api", "v2")],
    weight: config.requireNumber("weight"),
    hosts: config.requireObject<string[]>("hosts"),
    routes: [
      { name: "web-api", match: [{ uri: { prefix: "/web-api/" } }] },
      { name: "articles", match: [{ uri: { prefix: "/articles/" } }], service: { host: "articles", port: 80 } },
      { name: "authors", match: [{ uri: { prefix: "/authors/" } }], service: { host: "authors", port: 80 } },
      { name: "web-app", service: { host: "web-app", port: 80 } },
    ],
    ...shared,
  },
  { dependsOn: mesh === undefined ? namespace : [namespace, mesh] },
);

/** The address to call. */
export const url = api.url;
/** The shares of the API's versions in force, in percent. */
export const weights = api.weights;
