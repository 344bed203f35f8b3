import type { ServiceProtocol } from "../istio/protocol";
import type { PodSpec } from "./pod";

/** The labels of one version's pods. They are the Deployment's selector, which cannot be changed later. */
export function versionLabels(app: string, version: string): { app: string; version: string } {
  return { app, version };
}

/** Who decides how many pods a version has. */
export type Scaling = "fixed" | "autoscaled" | "byWeight" | "external";

/** The annotation of a Deployment that records it, if the number is not fixed. */
export const SCALING_ANNOTATION = "canary-app/scaling";

/**
 * The annotations of a version's Deployment. The declared number wins over an autoscaler that was removed, or a change
 * by hand; and when someone else starts to decide the number, the Deployment changes, so that the number is set anew.
 */
export function deploymentAnnotations(scaling: Scaling): Record<string, string> {
  return { "pulumi.com/patchForce": "true", ...(scaling === "fixed" ? {} : { [SCALING_ANNOTATION]: scaling }) };
}

/** Settings of pods besides their specification. */
export interface PodMetadata {
  /** Labels in addition to ours. */
  labels?: Readonly<Record<string, string>>;
  /** Annotations. */
  annotations?: Readonly<Record<string, string>>;
}

/**
 * The spec of a version's Deployment. A new image under the same name replaces pods only after their successors are
 * ready.
 *
 * @param replicas undefined if someone else decides the number: then the field is not ours.
 */
export function deployment(
  app: string,
  version: string,
  replicas: number | undefined,
  pod: PodSpec,
  { labels: more, annotations }: PodMetadata = {},
): object {
  const labels = versionLabels(app, version);
  return {
    ...(replicas === undefined ? {} : { replicas }),
    selector: { matchLabels: labels },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    template: {
      metadata: { labels: { ...more, ...labels }, ...(annotations === undefined ? {} : { annotations }) },
      spec: pod,
    },
  };
}

/** A port of the app's Service. */
export interface ServedPort {
  /** The name of the port, without its number. */
  name: string;
  /** The port that callers use. */
  port: number;
  /** The pods' port, by its number or its name. */
  targetPort: number | string;
  /** The protocol. */
  protocol: ServiceProtocol;
}

/**
 * The spec of the app's Service, which selects the pods of all versions; only Istio tells them apart. A port's name
 * contains its number: a preview of a changed number is tried out beside the old one, and a Service cannot have two
 * ports with the same name.
 */
export function service(app: string, ports: readonly ServedPort[]): object {
  return {
    selector: { app },
    ports: ports.map(({ name, port, targetPort, protocol }) => ({
      name: `${name}-${port}`,
      port,
      targetPort,
      appProtocol: protocol,
    })),
  };
}
