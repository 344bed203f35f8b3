import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { AppPort } from "../src/istio/servicePorts";
import type { CanaryAppArgs } from "./canaryAppArgs";

/** What the parts of an app share. */
export interface AppContext {
  /** The component's name, which is the start of its resources' names. */
  name: string;
  /** The owner of the arguments, for messages: `CanaryApp "shop"`. */
  subject: string;
  /** The app's name, which is also that of its Service and other objects. */
  app: string;
  /** Its arguments, checked as far as they were known. */
  args: CanaryAppArgs;
  /** The component itself. */
  component: pulumi.Resource;
  /** The name, namespace and labels of the objects that all versions share. */
  metadata: { name: string; namespace: pulumi.Output<string>; labels: { app: string } };
  /** Its Service's name inside the cluster. */
  host: pulumi.Output<string>;
  /** Its ports, in the order of the arguments. */
  ports: pulumi.Output<AppPort[]>;
  /** What everything in it waits for: the app's own `dependsOn`. */
  awaited: Dependencies;
  /** What pods and Istio's objects wait for: the same, and the control plane. */
  meshed: Dependencies;
}

/** Resources to wait for. */
export type Dependencies = pulumi.Input<pulumi.Resource>[];

/** One of Istio's objects, as far as it differs between an app's objects. */
export interface IstioObjectArgs {
  apiVersion: string;
  kind: string;
  spec: pulumi.Output<object | undefined>;
  annotations?: pulumi.Input<Record<string, string>>;
}

/** Registers an Istio object that all versions share. It waits for the mesh, unless `opts` name something else. */
export function istioObject(
  { name, component, metadata, meshed }: AppContext,
  suffix: string,
  { annotations, ...object }: IstioObjectArgs,
  opts: Pick<pulumi.CustomResourceOptions, "dependsOn" | "hooks"> = {},
): k8s.apiextensions.CustomResource {
  return new k8s.apiextensions.CustomResource(
    `${name}-${suffix}`,
    { ...object, metadata: annotations === undefined ? metadata : { ...metadata, annotations } },
    { parent: component, dependsOn: meshed, ...opts },
  );
}
