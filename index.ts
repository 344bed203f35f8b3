import * as kx from "@pulumi/kubernetesx";
import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, type ServicePortArgs } from "./components";
import { readSettings } from "./settings";

const settings = readSettings(new pulumi.Config());
/** The pods' ports; without `service.ports` there is one. */
const ports: ServicePortArgs[] = settings.service?.ports ?? [
  { name: "http", port: settings.service?.targetPort ?? 8080, protocol: settings.service?.protocol },
];
const numberOf = ({ port, targetPort = port }: ServicePortArgs) => targetPort as number;
/** Each number once, under one of the names that lead to it. */
const listening = new Map(ports.map((each) => [numberOf(each), each.name]));
const port = numberOf(ports.find(({ protocol = "http" }) => protocol === "http") ?? ports[0]);

/** One container that passes the «restricted» Pod Security Standard: not root, nothing writable but `/tmp`. */
function pod(image: pulumi.Input<string>): kx.PodBuilder {
  return new kx.PodBuilder({
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: settings.appName,
        image,
        imagePullPolicy: "IfNotPresent",
        ports: Object.fromEntries([...listening].map(([number, name]) => [name, number])),
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
        resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "128Mi" } },
        readinessProbe: { httpGet: { path: "/ready", port }, periodSeconds: 1 },
        volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
      },
    ],
    volumes: [{ name: "tmp", emptyDir: {} }],
  });
}

const app = new CanaryApp(settings.appName, {
  ...settings,
  // Where the config says what pods are like, or what they are configured with, CanaryApp makes them.
  versions: settings.versions.map(({ image, ...version }) =>
    image === undefined || settings.pod !== undefined || version.pod !== undefined || version.config !== undefined
      ? { ...version, image }
      : { ...version, podSpec: pod(image).podSpec },
  ),
});

/** The address to call. */
export const url = app.url;
/** The weights in force, in percent by version. */
export const weights = app.weights;
/** The namespace that the app lives in. */
export const namespace = app.namespace;
/** The Deployment of each version. */
export const deployments = app.deployments.apply((all) =>
  Object.fromEntries(Object.entries(all).map(([version, { metadata }]) => [version, metadata.name])),
);
