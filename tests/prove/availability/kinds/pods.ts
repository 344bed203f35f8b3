import type { VersionArgs } from "../../../../components";
import { type AppArgs, POD, appKind, version } from "../appKind";
import type { Kind } from "../kind";

const one = (more: Partial<VersionArgs> = {}): AppArgs => ({ versions: [version(1, more)], weights: { v1: 100 } });

const replicas = appKind({
  name: "replicas",
  changes: "more and fewer replicas, an autoscaler added and removed",
  first: one(),
  steps: () => [
    one({ replicas: 3 }),
    one({ replicas: 1 }),
    one({ autoscaling: { minReplicas: 2, maxReplicas: 3, cpuPercent: 80 } }),
    one(),
  ],
});

const followWeight = appKind({
  name: "replicas-follow-weight",
  changes: "pods that follow the weights, to 0% and back",
  first: { versions: [version(1), version(2)], weight: 0, replicasFollowWeight: { total: 3 } },
  steps: () =>
    [100, 50, 0].map((weight) => ({ versions: [version(1), version(2)], weight, replicasFollowWeight: { total: 3 } })),
});

const PODS: AppArgs["pod"][] = [
  { ...POD, env: { DRAIN: "1s" } },
  {
    ...POD,
    readinessProbe: { tcp: {}, periodSeconds: 2 },
    livenessProbe: { http: { path: "/live" }, periodSeconds: 5, failureThreshold: 100 },
  },
  { ...POD, resources: { requests: { cpu: "15m", memory: "24Mi" }, limits: { memory: "96Mi" } } },
  POD,
];

const pods = appKind({
  name: "pods",
  changes: "environment, probes and resources of the pods",
  first: one(),
  steps: () => PODS.map((pod) => ({ ...one(), pod })),
});

/** Changes of the number and the settings of pods. */
export const POD_KINDS: readonly Kind[] = [replicas, followWeight, pods];
