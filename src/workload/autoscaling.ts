import type { Input } from "@pulumi/pulumi";
import type { Plain } from "../istio/plain";
import { isObject } from "../internal/objects";
import { type Check, type Rule, plain, required, setOf, shape } from "../validation/shape";
import { extraFields, flag, integer } from "../validation/values";

/** The number of a version's pods, adapted to their resource usage. The cluster needs a metrics server. */
export interface AutoscalingArgs {
  /** The minimum number of pods, 1 or more. HorizontalPodAutoscaler `spec.minReplicas`. @default 1 */
  minReplicas?: Input<number>;
  /** The maximum number of pods, `minReplicas` or more. HorizontalPodAutoscaler `spec.maxReplicas`. */
  maxReplicas: Input<number>;
  /**
   * The target of the pods' average CPU usage, in percent of their requests, 1 or more. HorizontalPodAutoscaler
   * `spec.metrics[]`.
   * @default 80 if `memoryPercent` is not set
   */
  cpuPercent?: Input<number>;
  /**
   * The target of the pods' average memory usage, in percent of their requests, 1 or more. HorizontalPodAutoscaler
   * `spec.metrics[]`.
   * @default memory usage is ignored
   */
  memoryPercent?: Input<number>;
  /**
   * Whether the version is scaled up before its traffic. Before an `up` that raises its weight changes the routes,
   * `minReplicas` is raised to the version's share of the pods that serve the app at that time, but not above
   * `maxReplicas`, and the update waits for that many pods. The next `up` restores the declared `minReplicas`. Pulumi
   * must run with `--parallel` 2 or more, as it does by default. HorizontalPodAutoscaler `spec.minReplicas`, Deployment
   * `spec.replicas`.
   * @default false
   */
  prescale?: boolean;
  /** How fast it scales, as Kubernetes spells it. HorizontalPodAutoscaler `spec.behavior`. @default Kubernetes' */
  behavior?: any;
  /** Fields of the HorizontalPodAutoscaler's spec that have no argument here, e.g. `metrics`. They win over ours. */
  extra?: any;
}

const MOST = 2 ** 31 - 1;
const pods = integer(1, MOST, "a whole number of pods, 1 or more,");
const percent = integer(1, MOST, "a whole number of percents, 1 or more,");

const inOrder: Rule<Plain<AutoscalingArgs>> = ({ minReplicas = 1, maxReplicas }, findings) => {
  if (typeof minReplicas === "number" && typeof maxReplicas === "number" && maxReplicas < minReplicas) {
    findings.field("maxReplicas").add(`is ${maxReplicas}`, `minReplicas (${minReplicas}) or more is needed`);
  }
};

/** A rule: with `prescale`, the bounds must be set by the arguments. */
const ownBounds: Rule<Plain<AutoscalingArgs>> = ({ prescale, extra }, findings) => {
  for (const name of prescale === true && isObject(extra) ? setOf(extra, ["minReplicas", "maxReplicas"]) : []) {
    findings
      .field("extra")
      .field(name)
      .add(
        "is set, and prescale is true",
        `it would win over the number that prescale sets; set ${name} outside of extra`,
      );
  }
};

/** The check of an autoscaler. */
export const autoscalingCheck: Check = shape<Plain<AutoscalingArgs>>(
  {
    minReplicas: pods,
    maxReplicas: required(pods, "the most pods"),
    cpuPercent: percent,
    memoryPercent: percent,
    prescale: plain(flag),
    behavior: extraFields,
    extra: extraFields,
  },
  inOrder,
  ownBounds,
);

/**
 * The resources whose usage an autoscaler measures: pods must request them, or it has nothing to calculate percents of.
 */
export function watchedResources({ cpuPercent, memoryPercent, extra }: Plain<AutoscalingArgs>): string[] {
  if (typeof extra === "object" && extra !== null && "metrics" in extra) {
    return [];
  }
  const cpu = cpuPercent !== undefined || memoryPercent === undefined;
  return [...(cpu ? ["cpu"] : []), ...(memoryPercent === undefined ? [] : ["memory"])];
}

/** The spec of the HorizontalPodAutoscaler (`autoscaling/v2`) for the Deployment of that name. */
export function horizontalPodAutoscaler(deployment: string, args: Plain<AutoscalingArgs>): object {
  const percents: Record<string, number> = { cpu: args.cpuPercent ?? 80, memory: args.memoryPercent ?? 0 };
  return {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment },
    minReplicas: args.minReplicas ?? 1,
    maxReplicas: args.maxReplicas,
    metrics: ["cpu", "memory"]
      .filter((name) => watchedResources({ ...args, extra: undefined }).includes(name))
      .map((name) => ({
        type: "Resource",
        resource: { name, target: { type: "Utilization", averageUtilization: percents[name] } },
      })),
    ...(args.behavior === undefined ? {} : { behavior: args.behavior }),
    ...(args.extra as object | undefined),
  };
}
