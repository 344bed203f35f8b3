import type { Input } from "@pulumi/pulumi";
import { shown } from "../../validation/problem";
import { type Check, required, shape } from "../../validation/shape";
import type { Plain } from "../plain";
import { duration, percentage } from "../../validation/values";

/**
 * How a new pod's share of the requests grows from little to its full share. It has little effect if all pods are new,
 * because all of them get less then.
 */
export interface WarmupArgs {
  /** How long it takes, e.g. `30s`. DestinationRule `loadBalancer.warmup.duration`. */
  duration: Input<string>;
  /**
   * The share that a pod starts with, in percent of its full share, 0 to 100. DestinationRule
   * `loadBalancer.warmup.minimumPercent`.
   * @default 10
   */
  minimumPercent?: Input<number>;
  /**
   * How the share grows: 1 evenly, more than 1 slowly at first. More than 0. DestinationRule
   * `loadBalancer.warmup.aggression`.
   * @default 1
   */
  aggression?: Input<number>;
}

/** Checks a warm-up. */
export const warmup: Check = shape<Plain<WarmupArgs>>({
  duration: required(duration, "a duration"),
  minimumPercent: percentage,
  aggression: (value, findings) => {
    if (typeof value !== "number" || !(value > 0 && Number.isFinite(value))) {
      findings.add(`is ${shown(value)}`, "a number above 0 is needed");
    }
  },
});
