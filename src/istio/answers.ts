import type { Input } from "@pulumi/pulumi";
import { omitUndefined } from "../internal/objects";
import { shown } from "../validation/problem";
import { type Check, atLeastOneOf, atMostOneOf, required, shape } from "../validation/shape";
import { oneOf, port, text } from "../validation/values";
import { answerStatus } from "./fault";
import type { Plain } from "./plain";

/** The port of a redirect that names none. */
export const RedirectPort = {
  /** 80 for http, 443 for https. */
  FromProtocol: "FROM_PROTOCOL_DEFAULT",
  /** The port that the client called. */
  FromRequest: "FROM_REQUEST_PORT",
} as const;

/** One of {@link RedirectPort}. */
export type RedirectPort = (typeof RedirectPort)[keyof typeof RedirectPort];

/** Where clients are redirected to; what is not set stays as the client requested it. */
export interface RedirectArgs {
  /** The path. VirtualService `http[].redirect.uri`. */
  uri?: Input<string>;
  /** The host. VirtualService `http[].redirect.authority`. */
  authority?: Input<string>;
  /** `http` or `https`. VirtualService `http[].redirect.scheme`. */
  scheme?: Input<string>;
  /** The port, 1 to 65535. Set this or `derivePort`. VirtualService `http[].redirect.port`. */
  port?: Input<number>;
  /** How the port is chosen. Set this or `port`. VirtualService `http[].redirect.derivePort`. */
  derivePort?: Input<RedirectPort>;
  /** 301, 302, 303, 307 or 308. VirtualService `http[].redirect.redirectCode`. @default 301 */
  redirectCode?: Input<number>;
}

/** A response that the proxy gives itself. */
export interface DirectResponseArgs {
  /** Its HTTP status, 200 to 599. VirtualService `http[].directResponse.status`. */
  status: Input<number>;
  /** Its body, at most 100 kB. VirtualService `http[].directResponse.body.string`. @default none */
  body?: Input<string>;
}

/** Envoy supports only these; with any other status Istio creates a route that does nothing. */
const REDIRECT_CODES = [301, 302, 303, 307, 308];

const redirectCode: Check = (value, findings) => {
  if (!REDIRECT_CODES.includes(value as number)) {
    findings.add(`is ${shown(value)}`, `one of ${REDIRECT_CODES.join(", ")} is needed`);
  }
};

/** The check of a redirect. */
export const redirect: Check = shape<Plain<RedirectArgs>>(
  {
    uri: text("a path"),
    authority: text("a host name"),
    scheme: oneOf(["http", "https"]),
    port,
    derivePort: oneOf(Object.values(RedirectPort)),
    redirectCode,
  },
  atLeastOneOf("uri", "authority", "scheme", "port", "derivePort"),
  atMostOneOf("port", "derivePort"),
);

const LONGEST_BODY = 100 * 1024;

const body: Check = (value, findings) => {
  if (findings.addNoText(value, "a text is needed")) {
    return;
  }
  if (typeof value !== "string") {
    findings.add(`is ${shown(value)}`, "a text is needed");
  } else if (Buffer.byteLength(value) > LONGEST_BODY) {
    findings.add(`has ${Buffer.byteLength(value)} bytes`, `at most ${LONGEST_BODY} are allowed: every proxy keeps it`);
  }
};

/** The check of a direct response. */
export const directResponse: Check = shape<Plain<DirectResponseArgs>>({
  status: required(answerStatus, "an HTTP status from 200 to 599"),
  body,
});

/** Istio's redirect. */
export function renderRedirect(given: Plain<RedirectArgs>): object {
  return omitUndefined(given);
}

/** Istio's directResponse. */
export function renderDirectResponse({ status, body: string }: Plain<DirectResponseArgs>): object {
  return string === undefined ? { status } : { status, body: { string } };
}
