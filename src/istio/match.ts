import type { Input } from "@pulumi/pulumi";
import { isToken } from "../validation/httpHeaders";
import { labelsCheck } from "../validation/labels";
import { isDnsLabel } from "../validation/names";
import { shown } from "../validation/problem";
import { takesEmpty } from "../validation/regex";
import { type Check, type Rule, entries, list, needs, shape } from "../validation/shape";
import { dnsLabel, flag, port, text } from "../validation/values";
import type { Plain } from "./plain";
import { type StringMatchArgs, stringMatch } from "./stringMatch";

/** Which requests match. All conditions that are set must hold. */
export interface MatchArgs {
  /** The path of the request, without its query. VirtualService `http[].match[].uri`. */
  uri?: Input<StringMatchArgs>;
  /**
   * Whether `uri` ignores upper and lower case; only with `exact` and `prefix`. VirtualService
   * `http[].match[].ignoreUriCase`.
   * @default false
   */
  ignoreUriCase?: Input<boolean>;
  /**
   * Request headers by their lower-case names, all of which must match; `{ regex: ".*" }` for a header that must be
   * present, whatever its value. VirtualService `http[].match[].headers`.
   */
  headers?: Input<Record<string, Input<StringMatchArgs>>>;
  /**
   * Request headers by their lower-case names, none of which may match; `{ regex: "*" }` for a header that must be
   * absent. VirtualService `http[].match[].withoutHeaders`.
   */
  withoutHeaders?: Input<Record<string, Input<StringMatchArgs>>>;
  /** Query parameters by their names, all of which must match. VirtualService `http[].match[].queryParams`. */
  queryParams?: Input<Record<string, Input<StringMatchArgs>>>;
  /** The HTTP method, e.g. `{ exact: "GET" }`. VirtualService `http[].match[].method`. */
  method?: Input<StringMatchArgs>;
  /** `http` or `https`, as the client sent it. VirtualService `http[].match[].scheme`. */
  scheme?: Input<StringMatchArgs>;
  /** The host that the client requested, with its port if it named one. VirtualService `http[].match[].authority`. */
  authority?: Input<StringMatchArgs>;
  /** The port that the client called, 1 to 65535. VirtualService `http[].match[].port`. */
  port?: Input<number>;
  /** Labels of the calling pod; only for callers inside the mesh. VirtualService `http[].match[].sourceLabels`. */
  sourceLabels?: Input<Record<string, Input<string>>>;
  /**
   * The namespace of the calling pod; only for callers inside the mesh. VirtualService
   * `http[].match[].sourceNamespace`.
   */
  sourceNamespace?: Input<string>;
  /**
   * The Gateways through which the request comes, by name or `namespace/name`; `mesh` for callers inside the mesh.
   * VirtualService `http[].match[].gateways`.
   * @default all that lead to the app
   */
  gateways?: Input<Input<string>[]>;
  /** A prefix for the names of the metrics of these requests. VirtualService `http[].match[].statPrefix`. */
  statPrefix?: Input<string>;
}

const matchedHeader: Check = (name, findings) => {
  if (!isToken(name) || name !== name.toLowerCase()) {
    findings.add(
      "is not a header name",
      "header names are given in lower case, without spaces or colons, at most 256 characters",
    );
  }
};

const parameterName: Check = (name, findings) => {
  if (typeof name !== "string" || name.trim() === "") {
    findings.add("is not a parameter name", "the name as it stands in the query is needed");
  }
};

/**
 * Istio treats a missing header like an empty one here, so an expression that matches the empty text excludes every
 * request.
 */
const absence: Check = (match, findings) => {
  const expression = (match as Plain<StringMatchArgs> | null)?.regex;
  if (expression === "*" && Object.keys(match as object).length === 1) {
    return;
  }
  stringMatch(match, findings);
  if (typeof expression === "string" && takesEmpty(expression)) {
    findings
      .field("regex")
      .add(
        `is ${shown(expression)}, which also matches requests without the header`,
        'write "*" for a header that must be absent',
      );
  }
};

const gatewayName: Check = (name, findings) => {
  const parts = typeof name === "string" ? name.split("/") : [];
  if (parts.length < 1 || parts.length > 2 || !parts.every(isDnsLabel)) {
    findings.add(`is ${shown(name)}`, "a Gateway's name, namespace/name, or mesh is needed");
  }
};

/** A path is compared including its leading slash. */
const path: Check = (uri, findings) => {
  stringMatch(uri, findings);
  const { exact, prefix } = (typeof uri === "object" && uri !== null ? uri : {}) as Plain<StringMatchArgs>;
  const start = exact ?? prefix;
  if (typeof start === "string" && start !== "" && !start.startsWith("/")) {
    findings.add(`is ${shown(start)}`, "a path starts with /");
  }
};

const caseOfPath: Rule<Plain<MatchArgs>> = ({ uri, ignoreUriCase }, findings) => {
  if (ignoreUriCase === true && typeof uri === "object" && uri?.regex !== undefined) {
    findings
      .field("ignoreUriCase")
      .add("is true beside a regular expression", "write (?i) at the start of uri.regex instead");
  }
};

/** The check of one match. */
export const match: Check = shape<Plain<MatchArgs>>(
  {
    uri: path,
    ignoreUriCase: flag,
    headers: entries("an object of conditions by header names", stringMatch, matchedHeader),
    withoutHeaders: entries("an object of conditions by header names", absence, matchedHeader),
    queryParams: entries("an object of conditions by parameter names", stringMatch, parameterName),
    method: stringMatch,
    scheme: stringMatch,
    authority: stringMatch,
    port,
    sourceLabels: labelsCheck,
    sourceNamespace: dnsLabel(),
    gateways: list(gatewayName, "a list of Gateways", 1),
    statPrefix: text("the start of a metric's name"),
  },
  needs("ignoreUriCase", "uri"),
  caseOfPath,
);
