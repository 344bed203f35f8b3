import * as pulumi from "@pulumi/pulumi";
import { engineTakesHooks } from "../src/internal/pulumiSdk/hooks";
import { SCALING_ANNOTATION } from "../src/workload/kubernetesObjects";

/**
 * The hook of a Deployment that an autoscaler scales: fails the update in which it would take over one without pods. An
 * autoscaler never scales from 0, so the version would get its traffic and no pod.
 */
export function scalingStartHooks(name: string, version: string): pulumi.ResourceHookBinding | undefined {
  if (!engineTakesHooks()) {
    return undefined;
  }
  const check = new pulumi.ResourceHook(`${name}-scaling-start`, ({ oldInputs }) => {
    const { metadata, spec } = (oldInputs ?? {}) as Partial<DeploymentInputs>;
    // Where the number was not fixed, the state does not have that of the pods.
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
