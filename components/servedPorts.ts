import * as pulumi from "@pulumi/pulumi";
import type { AppPort } from "../src/istio/servicePorts";
import type { ServedPort } from "../src/workload/kubernetesObjects";
import type { CanaryAppArgs } from "./canaryAppArgs";

/**
 * Whether the Service refers to the pods' ports by name. Each pod is then called on the port that it listens on itself,
 * and pods with the old port go on answering while the port changes. Where a pod's ports may have other names, the
 * Service refers to them by number.
 */
export function arePortsNamed({ pod, versions }: CanaryAppArgs): boolean {
  return isNamed(pod) && versions.every((version) => version.podSpec === undefined && isNamed(version.pod));
}

/** The ports of the Service: where several lead to the same port of the pods, the first one names it. */
export function servedPorts(args: CanaryAppArgs, ports: readonly AppPort[]): ServedPort[] {
  const named = arePortsNamed(args);
  const isListed = args.service?.ports !== undefined;
  return ports.map(({ name, port, targetPort, protocol }) => {
    const pods = ports.find((other) => other.targetPort === targetPort) as AppPort;
    return { name: isListed ? name : protocol, port, targetPort: named ? pods.name : targetPort, protocol };
  });
}

/** Whether these arguments leave a pod's ports as they are, as far as that can be decided before they are known. */
function isNamed(pod: CanaryAppArgs["pod"]): boolean {
  return (
    pod === undefined ||
    (!pulumi.Output.isInstance(pod) && !(pod instanceof Promise) && pod.containerExtra === undefined)
  );
}
