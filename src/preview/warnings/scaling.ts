import { type Scaling, SCALING_ANNOTATION } from "../../workload/kubernetesObjects";
import type { Inputs } from "../change/resourceChange";

/** Who decides how many pods a Deployment has; "fixed" for one that belongs to no version of an app, too. */
function scalingOf({ metadata }: Inputs): Scaling {
  return (metadata?.annotations?.[SCALING_ANNOTATION] as Scaling | undefined) ?? "fixed";
}

/** Whether an `up` leaves a Deployment's number of pods as it finds it, whatever its inputs in the state are. */
export function isLeftAlone(deployment: Inputs): boolean {
  return scalingOf(deployment) !== "fixed";
}

/**
 * Whether a Deployment's own number in the state says nothing about the pods that there are. An autoscaler's does: 0 is
 * the one number that it never leaves.
 */
export function isSetElsewhere(deployment: Inputs): boolean {
  return ["external", "byWeight"].includes(scalingOf(deployment));
}
