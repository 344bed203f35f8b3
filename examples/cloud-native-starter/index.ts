import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, IstioMesh, type MeshArgs } from "canary-app";
import { demoPod } from "../demoPod";

const config = new pulumi.Config();
const image = config.require("image");
const { install = true, revision: _, ...istio } = config.getObject<MeshArgs>("mesh") ?? {};

// One mesh and one namespace, which all four services share.
const mesh = install ? new IstioMesh("mesh", istio) : undefined;
const labels = { "istio-injection": "enabled" };
const installed = { dependsOn: mesh === undefined ? [] : [mesh.controlPlane] };
const namespace = new k8s.core.v1.Namespace("starter", { metadata: { name: "cloud-native-starter", labels } }, installed);
const shared = { namespace: { name: "cloud-native-starter", create: false }, mesh: { install: false, gateway: istio.gateway } };
// A component's own dependsOn is not its children's.
const inside: pulumi.ComponentResourceOptions = {
  transformations: [({ props, opts }) => ({ props, opts: pulumi.mergeOptions(opts, { dependsOn: [namespace] }) })],
};

const version = (service: string, name: string) => ({ name, podSpec: demoPod(service, image, 8080, { VERSION: `${service}-${name}` }) });

// Called through the gateway and by each other, always the whole service.
for (const service of ["web-app", "articles", "authors"]) {
  new CanaryApp(service, { versions: [version(service, "v1")], hosts: [], ...shared }, inside);
}

const direct = (service: string) => ({ route: [{ destination: { host: `${service}.cloud-native-starter.svc.cluster.local`, port: { number: 80 } } }] });

// The one gateway, and every route through it; the API's is shared among its versions.
const api = new CanaryApp(
  "web-api",
  {
    versions: [version("web-api", "v1"), version("web-api", "v2")],
    weight: config.requireNumber("weight"),
    routes: [
      { name: "web-api", match: [{ uri: { prefix: "/web-api/" } }] },
      { name: "articles", match: [{ uri: { prefix: "/articles/" } }], extra: direct("articles") },
      { name: "authors", match: [{ uri: { prefix: "/authors/" } }], extra: direct("authors") },
      { name: "web-app", extra: direct("web-app") },
    ],
    ...shared,
  },
  inside,
);

/** The address to call. */
export const url = api.url;
/** The shares of the API's versions in force, in percent. */
export const weights = api.weights;
