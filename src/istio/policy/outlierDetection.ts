import type { Input } from "@pulumi/pulumi";
import type { Findings } from "../../validation/problem";
import { type Check, list, shape } from "../../validation/shape";
import type { Plain } from "../plain";
import { duration, flag, integer } from "../../validation/values";

/**
 * When a pod that fails gets no more requests for a while; each proxy judges by its own requests. `{}` turns it on with
 * Istio's values. It also turns on failing over to pods of other localities where the mesh has locality load balancing
 * on, as by default.
 */
export interface OutlierDetectionArgs {
  /**
   * How many 5xx in a row eject a pod; 0 for never. Connections that fail count too, unless they are split off.
   * DestinationRule `outlierDetection.consecutive5xxErrors`.
   * @default 5
   */
  consecutive5xxErrors?: Input<number>;
  /**
   * How many 502, 503 or 504 in a row eject a pod; 0 for never. Only counts if it is less than `consecutive5xxErrors`.
   * DestinationRule `outlierDetection.consecutiveGatewayErrors`.
   * @default 0
   */
  consecutiveGatewayErrors?: Input<number>;
  /**
   * Whether failures to reach a pod are counted apart from its answers. DestinationRule
   * `outlierDetection.splitExternalLocalOriginErrors`.
   * @default false
   */
  splitExternalLocalOriginErrors?: Input<boolean>;
  /**
   * How many failures in a row to reach a pod eject it; needs `splitExternalLocalOriginErrors`. DestinationRule
   * `outlierDetection.consecutiveLocalOriginFailures`.
   * @default 5
   */
  consecutiveLocalOriginFailures?: Input<number>;
  /** The time between looks at who may come back. DestinationRule `outlierDetection.interval`. @default 10s */
  interval?: Input<string>;
  /**
   * How long a pod is ejected the first time; n times as long the nth time. DestinationRule
   * `outlierDetection.baseEjectionTime`.
   * @default 30s
   */
  baseEjectionTime?: Input<string>;
  /**
   * How many percent of the pods may be ejected at once, 1 to 100. A pod is ejected only if all that are ejected then
   * are no more than that: of two pods one is 50 %, of three 34 %. Where pods of several places fail over to each other,
   * it has to be as large as the largest share of the pods that one place has. DestinationRule
   * `outlierDetection.maxEjectionPercent`.
   * @default what ejects one of the version's pods where it has `replicas`, or the fewest, from 2 on, that its
   * `autoscaling` or `replicasFollowWeight` lets it have; 10 from ten pods on, and for a lone pod, which is not ejected
   * then
   */
  maxEjectionPercent?: Input<number>;
  /**
   * With fewer healthy pods than so many percent, 0 to 100, all get requests again; 0 for never. DestinationRule
   * `outlierDetection.minHealthPercent`.
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
    // Istio takes 0 for its default, 10.
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
