import type { Input } from "@pulumi/pulumi";
import { type Check, atLeastOneOf, exactlyOneOf, required, shape } from "../validation/shape";
import { duration, integer, oneOf, percentage } from "../validation/values";
import type { Plain } from "./plain";

/** Requests that are delayed before they are forwarded. */
export interface DelayFaultArgs {
  /** How long, e.g. `5s`. VirtualService `http[].fault.delay.fixedDelay`. */
  fixedDelay: Input<string>;
  /**
   * The share of the requests, in percent from 0 to 100. VirtualService `http[].fault.delay.percentage.value`.
   * @default 100
   */
  percentage?: Input<number>;
}

/** Requests that are answered with an error instead of being forwarded; set exactly one of the two statuses. */
export interface AbortFaultArgs {
  /** With this HTTP status, 200 to 599. VirtualService `http[].fault.abort.httpStatus`. */
  httpStatus?: Input<number>;
  /** With this gRPC status, e.g. `UNAVAILABLE`. VirtualService `http[].fault.abort.grpcStatus`. */
  grpcStatus?: Input<string>;
  /**
   * The share of the requests, in percent from 0 to 100. VirtualService `http[].fault.abort.percentage.value`.
   * @default 100
   */
  percentage?: Input<number>;
}

/** Fault injection, to see how callers cope with errors. Aborted requests are not retried. */
export interface FaultArgs {
  /** Which requests are delayed. VirtualService `http[].fault.delay`. */
  delay?: Input<DelayFaultArgs>;
  /** Which requests fail. VirtualService `http[].fault.abort`. */
  abort?: Input<AbortFaultArgs>;
}

const GRPC_STATUSES = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

/** An HTTP status that Envoy can respond with. */
export const answerStatus: Check = integer(200, 599, "an HTTP status from 200 to 599");

/** The check of fault injection. */
export const fault: Check = shape<Plain<FaultArgs>>(
  {
    delay: shape<Plain<DelayFaultArgs>>({ fixedDelay: required(duration, "a duration"), percentage }),
    abort: shape<Plain<AbortFaultArgs>>(
      { httpStatus: answerStatus, grpcStatus: oneOf(GRPC_STATUSES), percentage },
      exactlyOneOf("httpStatus", "grpcStatus"),
    ),
  },
  atLeastOneOf("delay", "abort"),
);

/** Istio's fault. */
export function renderFault({ delay, abort }: Plain<FaultArgs>): object {
  return {
    ...(delay === undefined
      ? {}
      : { delay: { fixedDelay: delay.fixedDelay, percentage: { value: delay.percentage ?? 100 } } }),
    ...(abort === undefined ? {} : { abort: { ...statusOf(abort), percentage: { value: abort.percentage ?? 100 } } }),
  };
}

function statusOf({ httpStatus, grpcStatus }: Plain<AbortFaultArgs>): object {
  return httpStatus === undefined ? { grpcStatus } : { httpStatus };
}
