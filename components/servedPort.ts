import * as pulumi from "@pulumi/pulumi";
import { POD_PORT } from "../src/workload/pod";
import type { CanaryAppArgs } from "./canaryAppArgs";

/**
 * Whether the Service has the pods' port by its name: so each pod is asked on the port that it listens on itself, and
 * while another port comes, those of the old one go on answering. Where a pod's port may have another name, the Service
 * has its number.
 */
export function isPortNamed({ pod, versions }: CanaryAppArgs): boolean {
  return isNamed(pod) && versions.every((version) => version.podSpec === undefined && isNamed(version.pod));
}

/** The pods' port as the Service has it. */
export function servedPort(args: CanaryAppArgs, number: pulumi.Input<number>): pulumi.Input<number | string> {
  return isPortNamed(args) ? POD_PORT : number;
}

/** Whether these arguments leave a pod's ports as they are, as far as it can be said before they are known. */
function isNamed(pod: CanaryAppArgs["pod"]): boolean {
  return (
    pod === undefined ||
    (!pulumi.Output.isInstance(pod) && !(pod instanceof Promise) && pod.containerExtra === undefined)
  );
}
