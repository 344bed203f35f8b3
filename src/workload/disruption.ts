import type { Input } from "@pulumi/pulumi";
import type { Plain } from "../istio/plain";
import { type Check, exactlyOneOf, shape } from "../validation/shape";
import { integer } from "../validation/values";
import { versionLabels } from "./kubernetesObjects";

/** How many of a version's pods stay while nodes are drained; set exactly one of the four. */
export interface DisruptionBudgetArgs {
  /**
   * How many pods must stay, 0 or more. A number as large as that of the pods prevents their nodes from being drained.
   * PodDisruptionBudget `spec.minAvailable`.
   */
  minAvailable?: Input<number>;
  /** The same in percent of the pods, 0 to 100, rounded up. PodDisruptionBudget `spec.minAvailable`. */
  minAvailablePercent?: Input<number>;
  /** How many pods may be unavailable at once, 0 or more. PodDisruptionBudget `spec.maxUnavailable`. */
  maxUnavailable?: Input<number>;
  /** The same in percent of the pods, 0 to 100, rounded up. PodDisruptionBudget `spec.maxUnavailable`. */
  maxUnavailablePercent?: Input<number>;
}

const pods = integer(0, 2 ** 31 - 1, "a whole number of pods, 0 or more,");
const percent = integer(0, 100, "a whole number of percents from 0 to 100");

/** The check of a disruption budget. */
export const disruptionBudgetCheck: Check = shape<Plain<DisruptionBudgetArgs>>(
  { minAvailable: pods, minAvailablePercent: percent, maxUnavailable: pods, maxUnavailablePercent: percent },
  exactlyOneOf("minAvailable", "minAvailablePercent", "maxUnavailable", "maxUnavailablePercent"),
);

/** The spec of the PodDisruptionBudget (`policy/v1`) of one version's pods. */
export function podDisruptionBudget(app: string, version: string, args: Plain<DisruptionBudgetArgs>): object {
  const { minAvailable, minAvailablePercent, maxUnavailable, maxUnavailablePercent } = args;
  const least = minAvailablePercent === undefined ? minAvailable : `${minAvailablePercent}%`;
  const most = maxUnavailablePercent === undefined ? maxUnavailable : `${maxUnavailablePercent}%`;
  return {
    ...(least === undefined ? { maxUnavailable: most } : { minAvailable: least }),
    selector: { matchLabels: versionLabels(app, version) },
  };
}
