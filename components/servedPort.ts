import * as pulumi from "@pulumi/pulumi";
import { POD_PORT } from "../workload/pod";
import type { CanaryAppArgs } from "./canaryAppArgs";

/**
 * The pods' port as the Service has it. By its name, each pod is asked on the port that it listens on itself: while another port
 * comes, those of the old one go on answering. Where a pod's port may have another name, it is the number.
 */
export function servedPort({ pod, versions }: CanaryAppArgs, number: pulumi.Input<number>): pulumi.Input<number | string> {
  const named = isNamed(pod) && versions.every((version) => version.podSpec === undefined && isNamed(version.pod));
  return named ? POD_PORT : number;
}

/** Whether these arguments leave a pod's ports as they are, as far as it can be said before they are known. */
function isNamed(pod: CanaryAppArgs["pod"]): boolean {
  return pod === undefined || (!pulumi.Output.isInstance(pod) && !(pod instanceof Promise) && pod.containerExtra === undefined);
}
