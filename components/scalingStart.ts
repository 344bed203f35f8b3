import * as pulumi from "@pulumi/pulumi";
import { engineTakesHooks } from "../src/internal/pulumiSdk/hooks";
import { SCALING_ANNOTATION } from "../src/workload/kubernetesObjects";

/**
 * The hook of an autoscaled Deployment: fails an update in which the autoscaler would take over a Deployment without
 * pods. An autoscaler never scales up from 0, so the version would get traffic without having a pod.
 */
export function scalingStartHooks(name: string, version: string): pulumi.ResourceHookBinding | undefined {
  if (!engineTakesHooks()) {
    return undefined;
  }
  const check = new pulumi.ResourceHook(`${name}-scaling-start`, ({ oldInputs }) => {
    const { metadata, spec } = (oldInputs ?? {}) as Partial<DeploymentInputs>;
    // Where the number was not fixed, the state does not have the number of pods.
    const wasFixed = metadata?.annotations?.[SCALING_ANNOTATION] === undefined;
    if (spec?.replicas === 0 && wasFixed) {
      throw new Error(
        `version "${version}" has no pods (replicas: 0), and an autoscaler never scales from 0: ` +
          `set replicas to 1 in one update, and autoscaling in its place in the next; or set autoscaling.prescale to true`,
      );
    }
  });
  return { beforeUpdate: [check] };
}

interface DeploymentInputs {
  metadata: { annotations?: Record<string, string> };
  spec: { replicas?: number };
}
