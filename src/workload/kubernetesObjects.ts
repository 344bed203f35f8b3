import type { ServiceProtocol } from "../istio/protocol";
import type { PodSpec } from "./pod";

/** The labels of one version's pods. They are the Deployment's selector, which cannot be changed later. */
export function versionLabels(app: string, version: string): { app: string; version: string } {
  return { app, version };
}

/** Who says how many pods a version has. */
export type Scaling = "fixed" | "autoscaled" | "byWeight" | "external";

/** The annotation of a Deployment that says it, if the number is not fixed. */
export const SCALING_ANNOTATION = "canary-app/scaling";

/**
 * The annotations of a version's Deployment: what is declared wins over an autoscaler that is no longer, or a person's
 * hand; and a change of who says how many pods there are is a change of the Deployment, so that the number is set anew.
 */
export function deploymentAnnotations(scaling: Scaling): Record<string, string> {
  return { "pulumi.com/patchForce": "true", ...(scaling === "fixed" ? {} : { [SCALING_ANNOTATION]: scaling }) };
}

/** What is said about pods beside their specification. */
export interface PodMetadata {
  /** Labels beside ours. */
  labels?: Readonly<Record<string, string>>;
  /** Annotations. */
  annotations?: Readonly<Record<string, string>>;
}

/**
 * The spec of a version's Deployment. A new image under the same name replaces pods only after their successors are
 * ready.
 *
 * @param replicas undefined if someone else says how many: then the field is not ours.
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
  /** What the port is called beside its number. */
  name: string;
  /** The port that callers use. */
  port: number;
  /** The pods' port, by its number or its name. */
  targetPort: number | string;
  /** What is spoken there. */
  protocol: ServiceProtocol;
}

/**
 * The spec of the app's Service: all versions' pods, told apart by Istio alone. A port's name has its number in it: a
 * preview of another number is tried out beside the old one, and a Service has no two ports of one name.
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
