import { isOfKind, type KubernetesObject, list, type ObjectRule } from "./rule";

/** What every container has to have. */
export interface WorkloadsConfig {
  /** Requests that have to be there. @default cpu and memory */
  requests: string[];
  /** Limits that have to be there. @default memory */
  limits: string[];
  /** Whether a readiness probe is needed: without one, traffic comes before the app can take it. @default true */
  readinessProbe: boolean;
}

/** Containers say what they need, and when they are ready. */
export const workloads: ObjectRule<WorkloadsConfig> = {
  name: "workloads",
  description: "Containers have resources and a readiness probe",
  config: {
    requests: { type: "array", items: { type: "string" }, default: ["cpu", "memory"] },
    limits: { type: "array", items: { type: "string" }, default: ["memory"] },
    readinessProbe: { type: "boolean", default: true },
  },
  check: (object, config) =>
    list(podSpecOf(object)?.containers).flatMap((container, index) =>
      missing(container, config).map((what) => `containers[${index}] has no ${what}`),
    ),
};

function missing(container: KubernetesObject, { requests, limits, readinessProbe }: WorkloadsConfig): string[] {
  const { requests: asked = {}, limits: most = {} } = container.resources ?? {};
  return [
    ...requests.filter((resource) => asked[resource] === undefined).map((resource) => `resources.requests.${resource}`),
    ...limits.filter((resource) => most[resource] === undefined).map((resource) => `resources.limits.${resource}`),
    ...(readinessProbe && container.readinessProbe === undefined ? ["readinessProbe"] : []),
  ];
}

/** The pods' spec of what runs pods for ever; Jobs take no traffic. */
export function podSpecOf(object: KubernetesObject): KubernetesObject | undefined {
  return isOfKind(object, "apps", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
    ? object.spec?.template?.spec
    : isOfKind(object, "", "Pod")
      ? object.spec
      : undefined;
}
