import type { Input } from "@pulumi/pulumi";
import { omitUndefined } from "../internal/objects";
import { headerName } from "../validation/httpHeaders";
import { milliseconds } from "../validation/numbers";
import { shown } from "../validation/problem";
import { type Check, atLeastOneOf, list, shape } from "../validation/shape";
import { duration, flag, oneOf } from "../validation/values";
import type { Plain } from "./plain";
import { type StringMatchArgs, stringMatch } from "./stringMatch";

/** What happens to a browser's preflight request from an origin that is not allowed. */
export const UnmatchedPreflights = {
  /** It is forwarded to the app. Istio's default. */
  Forward: "FORWARD",
  /** It is answered without CORS headers, so that the browser refuses the call. */
  Ignore: "IGNORE",
} as const;

/** One of {@link UnmatchedPreflights}. */
export type UnmatchedPreflights = (typeof UnmatchedPreflights)[keyof typeof UnmatchedPreflights];

/** Which web pages of other origins may call the app from a browser. */
export interface CorsArgs {
  /**
   * The origins, e.g. `{ exact: "https://shop.example.com" }`; `{ exact: "*" }` for any origin. VirtualService
   * `http[].corsPolicy.allowOrigins`.
   */
  allowOrigins?: Input<Input<StringMatchArgs>[]>;
  /** The methods they may use, or `*`. VirtualService `http[].corsPolicy.allowMethods`. */
  allowMethods?: Input<Input<string>[]>;
  /** The request headers they may send, or `*`. VirtualService `http[].corsPolicy.allowHeaders`. */
  allowHeaders?: Input<Input<string>[]>;
  /** The response headers they may read. VirtualService `http[].corsPolicy.exposeHeaders`. */
  exposeHeaders?: Input<Input<string>[]>;
  /**
   * How long a browser may cache the response to a preflight, in whole seconds, e.g. `24h`. VirtualService
   * `http[].corsPolicy.maxAge`.
   */
  maxAge?: Input<string>;
  /**
   * Whether they may send cookies and other credentials. VirtualService `http[].corsPolicy.allowCredentials`.
   * @default Istio's, false
   */
  allowCredentials?: Input<boolean>;
  /**
   * What happens to preflights from other origins. VirtualService `http[].corsPolicy.unmatchedPreflights`.
   * @default Istio's, FORWARD
   */
  unmatchedPreflights?: Input<UnmatchedPreflights>;
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "*"];

const wholeSeconds: Check = (value, findings) => {
  duration(value, findings);
  if (typeof value === "string" && (milliseconds(value) ?? 0) >= 1 && (milliseconds(value) as number) % 1000 !== 0) {
    findings.add(`is ${shown(value)}`, "whole seconds are needed");
  }
};

/** The check of a CORS policy. */
export const cors: Check = shape<Plain<CorsArgs>>(
  {
    allowOrigins: list(stringMatch, "a list of origins", 1),
    allowMethods: list(oneOf(METHODS), "a list of methods"),
    allowHeaders: list(headerName, "a list of header names"),
    exposeHeaders: list(headerName, "a list of header names"),
    maxAge: wholeSeconds,
    allowCredentials: flag,
    unmatchedPreflights: oneOf(Object.values(UnmatchedPreflights)),
  },
  atLeastOneOf(
    "allowOrigins",
    "allowMethods",
    "allowHeaders",
    "exposeHeaders",
    "maxAge",
    "allowCredentials",
    "unmatchedPreflights",
  ),
);

/** Istio's corsPolicy. */
export function renderCors(given: Plain<CorsArgs>): object {
  return omitUndefined({ ...given, allowOrigins: given.allowOrigins?.map(omitUndefined) });
}
