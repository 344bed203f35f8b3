import type { Input } from "@pulumi/pulumi";
import { isToken } from "../validation/httpHeaders";
import { type Findings, shown } from "../validation/problem";
import { literally } from "../validation/regex";
import { type Check, type Rule, shape } from "../validation/shape";
import { flag, host, integer, oneOf, pattern } from "../validation/values";
import type { Plain } from "./plain";
import { type Spoken, hasRoutesOf, spokenInWords } from "./protocol";
import { type RouteArgs, isShared } from "./route";

/** With which requests from other sites a browser sends a cookie. */
export const SameSite = {
  /** With links from other sites, but not with what their pages load. */
  Lax: "Lax",
  /** With no request from another site. */
  Strict: "Strict",
  /** With all of them; browsers require `secure` as well. */
  None: "None",
} as const;

/** One of {@link SameSite}. */
export type SameSite = (typeof SameSite)[keyof typeof SameSite];

/**
 * Keeps users on the version that answered them first, by a cookie whose value is the version's name. The weights
 * decide for users who have no cookie yet. A version at weight 0 loses its users: they are shared anew, so that the end
 * of a canary moves everyone. While one version has all traffic, no cookie is set or read: when a canary begins,
 * existing users are shared, too.
 */
export interface StickyArgs {
  /** False is the same as omitting `sticky`. @default true */
  enabled?: Input<boolean>;
  /** The cookie's name. @default the app's name and "-version" */
  cookieName?: Input<string>;
  /**
   * How long a user stays, counted from the first response, in whole seconds from 1 to 34560000, the longest time that
   * browsers keep cookies.
   * @default 86400
   */
  maxAgeSeconds?: Input<number>;
  /** The path that the cookie is sent for, with everything below it. @default "/" */
  path?: Input<string>;
  /** The domain whose hosts the cookie is sent to. @default the host that was requested */
  domain?: Input<string>;
  /** Whether browsers send the cookie over HTTPS only. @default false */
  secure?: Input<boolean>;
  /** Whether the cookie is hidden from the page's scripts. @default true */
  httpOnly?: Input<boolean>;
  /** With which requests from other sites the cookie is sent. @default Lax */
  sameSite?: Input<SameSite>;
  /**
   * Whether stickiness is being ended: cookies are no longer read, and browsers are told to delete them. Omit `sticky`
   * once `maxAgeSeconds` have passed. The cookie's name, path and domain must be those it was set with.
   * @default false
   */
  ending?: Input<boolean>;
}

const DEFAULT_MAX_AGE_S = 86_400;
const LONGEST_MAX_AGE_S = 400 * 86_400;

const tokenOfCookie: Check = (value, findings) => {
  if (!isToken(value) || value.includes("%")) {
    findings.add(`is ${shown(value)}`, "a cookie's name is needed: letters, digits, '-' and '_'");
  }
};

const secureNone: Rule<Plain<StickyArgs>> = ({ sameSite, secure }, findings) => {
  if (sameSite === "None" && (secure === undefined || secure === false)) {
    findings
      .field("sameSite")
      .add('is "None" without secure', "browsers refuse such a cookie: set secure to true, which needs HTTPS");
  }
};

const prefixedName: Rule<Plain<StickyArgs>> = (given, findings) => {
  const { cookieName: name, secure = false, path = "/", domain } = given;
  const own = typeof name === "string" ? name.toLowerCase() : "";
  if ((own.startsWith("__secure-") || own.startsWith("__host-")) && secure === false) {
    findings
      .field("cookieName")
      .add(`is ${shown(name)} without secure`, "browsers refuse such a cookie: set secure to true, which needs HTTPS");
  } else if (own.startsWith("__host-") && (path !== "/" || domain !== undefined)) {
    findings
      .field("cookieName")
      .add(`is ${shown(name)} beside path or domain`, "browsers refuse both with such a name");
  }
};

const endingOff: Rule<Plain<StickyArgs>> = ({ enabled, ending }, findings) => {
  if (enabled === false && ending === true) {
    findings
      .field("ending")
      .add(
        "is true, but enabled is false",
        "to end stickiness, leave enabled out; leave sticky out once all cookies have expired",
      );
  }
};

const sticky: Check = shape<Plain<StickyArgs>>(
  {
    enabled: flag,
    cookieName: tokenOfCookie,
    maxAgeSeconds: integer(1, LONGEST_MAX_AGE_S, `a whole number of seconds from 1 to ${LONGEST_MAX_AGE_S}`),
    path: pattern(/^\/[\x21-\x24\x26-\x3a\x3c-\x7e]*$/, "a path that starts with /, without spaces, ; and %,"),
    domain: (value, findings) =>
      value === "*" ? findings.add('is "*"', "a domain such as example.com is needed") : host(value, findings),
    secure: flag,
    httpOnly: flag,
    sameSite: oneOf(Object.values(SameSite)),
    ending: flag,
  },
  secureNone,
  prefixedName,
  endingOff,
);

/** Records what is wrong with stickiness by itself. */
export function checkSticky(given: Plain<StickyArgs>, findings: Findings): void {
  sticky(given, findings);
}

/** Records conflicts between valid routes and valid stickiness; `findings` is the path of `routes` and `sticky`. */
export function checkStickyRoutes(
  given: Plain<StickyArgs>,
  routes: readonly Plain<RouteArgs>[],
  findings: Findings,
): void {
  if (given.enabled === false) {
    return;
  }
  routes.forEach((route, index) => {
    if (typeof route !== "object" || !isShared(route)) {
      return;
    }
    const field = findings.field("routes").field(index);
    const { match, extra } = route;
    for (const [place, condition] of (Array.isArray(match) ? match : []).entries()) {
      const { headers } = (typeof condition === "object" ? condition : {}) as { headers?: Record<string, unknown> };
      if (typeof headers === "object" && Object.hasOwn(headers, "cookie")) {
        const allowed =
          "the match of sticky users takes its place: send these requests to one version or service, or leave sticky out";
        field.field("match").field(place).field("headers").field("cookie").add("is set beside sticky", allowed);
      }
    }
    for (const name of ["match", "route"].filter((each) => typeof extra === "object" && Object.hasOwn(extra, each))) {
      field
        .field("extra")
        .field(name)
        .add("is set beside sticky", "stickiness depends on it: use the arguments instead, or leave sticky out");
    }
  });
  if (routes.every((route) => typeof route === "object" && !isShared(route))) {
    findings
      .field("sticky")
      .add("is set, but no route is shared among versions", "leave it out, or share a route by weights");
  }
}

/** From where an app with sticky users can be reached, as far as that is valid and known. */
export interface StickyReach {
  hosts?: readonly string[];
  /** What it speaks. */
  spoken?: Spoken;
}

/** Records valid stickiness with which nobody would stay; `findings` is the path of `sticky`. */
export function checkStickyReach(
  { enabled, domain }: Plain<StickyArgs>,
  { hosts = [], spoken }: StickyReach,
  findings: Findings,
): void {
  if (enabled === false) {
    return;
  }
  if (spoken !== undefined && !hasRoutesOf(spoken, "http")) {
    findings.add(
      `is set, and ${spokenInWords(spoken)}`,
      "stickiness needs a cookie, which connections do not have: leave it out",
    );
  }
  const outside = hosts.filter((name) => name !== "*" && name !== domain && !name.endsWith(`.${domain}`));
  if (typeof domain === "string" && hosts.length > 0 && outside.length === hosts.length) {
    findings
      .field("domain")
      .add(
        `is ${shown(domain)}, and no host is in it (${outside.join(", ")})`,
        "browsers drop a cookie for another domain: name one that has a host, or leave it out",
      );
  }
}

/** Stickiness in effect, with its defaults. */
export interface Stickiness extends Plain<StickyArgs> {
  cookieName: string;
}

/** The stickiness in effect for the app of this name; undefined for none. */
export function stickinessOf(app: string, given?: Plain<StickyArgs>): Stickiness | undefined {
  return given === undefined || given.enabled === false
    ? undefined
    : { ...given, cookieName: given.cookieName ?? `${app}-version` };
}

/** A VirtualService's `http[]` element that is shared among subsets. */
interface SharedRule {
  name?: string;
  match?: { headers?: object }[];
  headers?: { response?: { add?: object } };
  route: { destination: { subset: string }; weight: number }[];
}

/**
 * The rules by which a shared rule becomes sticky: one for the users of each version that gets requests, then the rule
 * itself, whose destinations now set the cookie. When stickiness ends, one that deletes the cookie, then the rule
 * itself.
 */
export function stickyRules(rule: object, given: Stickiness): object[] {
  const shared = rule as SharedRule;
  if (given.ending === true) {
    const response = {
      ...shared.headers?.response,
      add: { ...shared.headers?.response?.add, "set-cookie": cookie(given, "", 0) },
    };
    return [
      {
        ...named(shared, "unstick"),
        match: withCookie(shared, given, "[^;]*"),
        headers: { ...shared.headers, response },
      },
      shared,
    ];
  }
  const served = shared.route.filter(({ weight }) => weight > 0);
  if (served.length < 2) {
    return [shared];
  }
  const own = served.map(({ destination }) => ({
    ...named(shared, destination.subset),
    match: withCookie(shared, given, literally(destination.subset)),
    route: [{ destination }],
  }));
  const setting = shared.route.map((each) => {
    const value = cookie(given, each.destination.subset, given.maxAgeSeconds ?? DEFAULT_MAX_AGE_S);
    return { ...each, headers: { response: { add: { "set-cookie": value } } } };
  });
  return [...own, { ...shared, route: setting }];
}

function named(rule: SharedRule, suffix: string): SharedRule {
  return rule.name === undefined ? rule : { ...rule, name: `${rule.name}-${suffix}` };
}

function withCookie({ match = [{}] }: SharedRule, { cookieName }: Stickiness, value: string): object[] {
  const cookies = { regex: `(.*;\\s*)?${literally(cookieName)}=${value}(;.*)?` };
  return match.map((condition) => ({ ...condition, headers: { ...condition.headers, cookie: cookies } }));
}

/** Added, never set: setting would remove the cookies that the app itself sets. */
function cookie(given: Stickiness, value: string, maxAge: number): string {
  const { cookieName, path = "/", domain, secure = false, httpOnly = true, sameSite = SameSite.Lax } = given;
  return [
    `${cookieName}=${value}`,
    `Path=${path}`,
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    `Max-Age=${maxAge}`,
    ...(secure ? ["Secure"] : []),
    ...(httpOnly ? ["HttpOnly"] : []),
    `SameSite=${sameSite}`,
  ].join("; ");
}
