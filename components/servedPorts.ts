import * as pulumi from "@pulumi/pulumi";
import type { AppPort } from "../src/istio/servicePorts";
import type { ServedPort } from "../src/workload/kubernetesObjects";
import type { CanaryAppArgs } from "./canaryAppArgs";

/**
 * Whether the Service has the pods' ports by their names: so each pod is asked on the port that it listens on itself,
 * and while another port comes, those of the old one go on answering. Where a pod's ports may have other names, the
 * Service has their numbers.
 */
export function arePortsNamed({ pod, versions }: CanaryAppArgs): boolean {
  return isNamed(pod) && versions.every((version) => version.podSpec === undefined && isNamed(version.pod));
}

/** The ports as the Service has them: of those that lead to one port of the pods, the first gives it its name. */
export function servedPorts(args: CanaryAppArgs, ports: readonly AppPort[]): ServedPort[] {
  const named = arePortsNamed(args);
  const isListed = args.service?.ports !== undefined;
  return ports.map(({ name, port, targetPort, protocol }) => {
    const pods = ports.find((other) => other.targetPort === targetPort) as AppPort;
    return { name: isListed ? name : protocol, port, targetPort: named ? pods.name : targetPort, protocol };
  });
}

/** Whether these arguments leave a pod's ports as they are, as far as it can be said before they are known. */
function isNamed(pod: CanaryAppArgs["pod"]): boolean {
  return (
    pod === undefined ||
    (!pulumi.Output.isInstance(pod) && !(pod instanceof Promise) && pod.containerExtra === undefined)
  );
}
