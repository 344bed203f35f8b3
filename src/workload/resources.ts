import type { Input } from "@pulumi/pulumi";
import type { Plain } from "../istio/plain";
import { type Check, atLeastOneOf, entries, shape } from "../validation/shape";
import { pattern } from "../validation/values";

/**
 * The resources that a container requests and may use, as quantities by resource name, e.g. `{ cpu: "250m", memory:
 * "128Mi" }`.
 */
export interface ResourcesArgs {
  /**
   * What a node must have free for it; the autoscaler's percents refer to this. Container `resources.requests`.
   * @default as the limits
   */
  requests?: Input<Record<string, Input<string>>>;
  /**
   * What it may use at most: more CPU is throttled, more memory gets it killed. Container `resources.limits`.
   * @default no limit
   */
  limits?: Input<Record<string, Input<string>>>;
}

/** The check of a quantity. */
export const quantity: Check = pattern(
  /^\d+(\.\d+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE]\d+)?$/,
  'a Kubernetes quantity in quotes, such as "250m" or "128Mi",',
);

const quantities = entries("an object of quantities by resource names, such as cpu and memory,", quantity);

/** The check of `resources`. */
export const resourcesCheck: Check = shape<Plain<ResourcesArgs>>(
  { requests: quantities, limits: quantities },
  atLeastOneOf("requests", "limits"),
);
