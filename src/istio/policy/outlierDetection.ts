import type { Input } from "@pulumi/pulumi";
import type { Findings } from "../../validation/problem";
import { type Check, list, shape } from "../../validation/shape";
import type { Plain } from "../plain";
import { duration, flag, integer } from "../../validation/values";

/**
 * When a failing pod gets no more requests for a while. Each proxy decides by its own requests. `{}` turns outlier
 * detection on with Istio's values. It also enables failover to pods of other localities if locality load balancing is
 * on in the mesh, as it is by default.
 */
export interface OutlierDetectionArgs {
  /**
   * How many consecutive 5xx responses eject a pod; 0 for never. Failed connections count too, unless they are counted
   * separately. DestinationRule `outlierDetection.consecutive5xxErrors`.
   * @default 5
   */
  consecutive5xxErrors?: Input<number>;
  /**
   * How many consecutive responses with 502, 503 or 504 eject a pod; 0 for never. Has an effect only if it is less than
   * `consecutive5xxErrors`. DestinationRule `outlierDetection.consecutiveGatewayErrors`.
   * @default 0
   */
  consecutiveGatewayErrors?: Input<number>;
  /**
   * Whether failures to reach a pod are counted separately from its responses. DestinationRule
   * `outlierDetection.splitExternalLocalOriginErrors`.
   * @default false
   */
  splitExternalLocalOriginErrors?: Input<boolean>;
  /**
   * How many consecutive failures to reach a pod eject it; needs `splitExternalLocalOriginErrors`. DestinationRule
   * `outlierDetection.consecutiveLocalOriginFailures`.
   * @default 5
   */
  consecutiveLocalOriginFailures?: Input<number>;
  /**
   * The time between checks whether ejected pods may return. DestinationRule `outlierDetection.interval`.
   * @default 10s
   */
  interval?: Input<string>;
  /**
   * How long a pod is ejected the first time; the nth time takes n times as long. DestinationRule
   * `outlierDetection.baseEjectionTime`.
   * @default 30s
   */
  baseEjectionTime?: Input<string>;
  /**
   * The maximum share of the pods that may be ejected at once, in percent, 1 to 100. A pod is ejected only if the share
   * including that pod stays within it: of two pods one is 50 %, of three 34 %. If pods of several localities fail over
   * to each other, it has to be at least the largest share of the pods that are in one locality. DestinationRule
   * `outlierDetection.maxEjectionPercent`.
   * @default what ejects one pod of the version's `replicas`, or of the smallest number, from 2 on, that its
   * `autoscaling` or `replicasFollowWeight` allows; 10 from ten pods on, and for a single pod, which is not ejected then
   */
  maxEjectionPercent?: Input<number>;
  /**
   * With a smaller share of healthy pods than this, in percent, 0 to 100, all pods get requests again; 0 for never.
   * DestinationRule `outlierDetection.minHealthPercent`.
   * @default 0
   */
  minHealthPercent?: Input<number>;
  /**
   * The statuses, 100 to 599, that count as errors; since Istio 1.31. DestinationRule
   * `outlierDetection.outlierDetectionHttpErrorCodes`.
   * @default 5xx
   */
  outlierDetectionHttpErrorCodes?: Input<Input<number>[]>;
}

const errors = integer(0, 2 ** 32 - 1, "a whole number of errors, 0 for never,");

/** Checks an outlier detection. */
export const outlierDetection: Check = shape<Plain<OutlierDetectionArgs>>(
  {
    consecutive5xxErrors: errors,
    consecutiveGatewayErrors: errors,
    splitExternalLocalOriginErrors: flag,
    consecutiveLocalOriginFailures: errors,
    interval: duration,
    baseEjectionTime: duration,
    // Istio replaces 0 by its default, 10.
    maxEjectionPercent: integer(1, 100, "a whole number of percents from 1 to 100"),
    minHealthPercent: integer(0, 100, "a whole number of percents from 0 to 100"),
    outlierDetectionHttpErrorCodes: list(
      integer(100, 599, "an HTTP status from 100 to 599"),
      "a list of HTTP statuses",
      1,
    ),
  },
  splitOff,
);

function splitOff(
  { consecutiveLocalOriginFailures: failures, splitExternalLocalOriginErrors: split }: Plain<OutlierDetectionArgs>,
  findings: Findings,
): void {
  if (typeof failures === "number" && failures > 0 && (split === undefined || split === false)) {
    const what = `is ${failures}, but failures to reach a pod are not counted apart`;
    findings
      .field("consecutiveLocalOriginFailures")
      .add(what, "splitExternalLocalOriginErrors: true is needed beside it");
  }
}
