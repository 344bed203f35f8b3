import type { Input } from "@pulumi/pulumi";
import { omitUndefined } from "../internal/objects";
import { headerValue, isToken } from "../validation/httpHeaders";
import { shown } from "../validation/problem";
import { type Check, atLeastOneOf, entries, list, shape } from "../validation/shape";
import type { Plain } from "./plain";

/** How the headers of a message are changed. */
export interface HeaderOperationsArgs {
  /** Headers by name that replace those with the same name. VirtualService `http[].headers.*.set`. */
  set?: Input<Record<string, Input<string>>>;
  /** Headers by name that are added to those with the same name. VirtualService `http[].headers.*.add`. */
  add?: Input<Record<string, Input<string>>>;
  /** Names of headers that are removed. VirtualService `http[].headers.*.remove`. */
  remove?: Input<Input<string>[]>;
}

/**
 * How the headers of requests and of their responses are changed. `%` starts one of Envoy's variables; write `%%` for a
 * percent sign.
 */
export interface HeadersArgs {
  /** Before requests are forwarded. VirtualService `http[].headers.request`. */
  request?: Input<HeaderOperationsArgs>;
  /** Before responses are returned. VirtualService `http[].headers.response`. */
  response?: Input<HeaderOperationsArgs>;
}

const operatedHeader: Check = (name, findings) => {
  if (typeof name === "string" && ["host", ":authority"].includes(name.toLowerCase())) {
    findings.add(`is ${shown(name)}`, "the host of requests is changed by rewrite.authority");
  } else if (!isToken(name)) {
    findings.add(
      `is ${shown(name)}`,
      "a header name is needed: letters, digits and '-', without spaces or colons, at most 256 characters",
    );
  }
};

const operations = shape<Plain<HeaderOperationsArgs>>(
  {
    set: entries("an object of texts by header names", headerValue, operatedHeader),
    add: entries("an object of texts by header names", headerValue, operatedHeader),
    remove: list(operatedHeader, "a list of header names"),
  },
  atLeastOneOf("set", "add", "remove"),
);

/** The check of header changes. */
export const headers: Check = shape<Plain<HeadersArgs>>(
  { request: operations, response: operations },
  atLeastOneOf("request", "response"),
);

/** Istio's headers. */
export function renderHeaders({ request, response }: Plain<HeadersArgs>): object {
  return omitUndefined({ request: request && omitUndefined(request), response: response && omitUndefined(response) });
}
