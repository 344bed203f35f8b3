import type { Input } from "@pulumi/pulumi";
import { isObject, omitUndefined } from "../internal/objects";
import { milliseconds } from "../validation/numbers";
import { Findings, shown } from "../validation/problem";
import { type Check, type Rule, atMostOneOf, list, setOf, shape } from "../validation/shape";
import { isKnown } from "../validation/unknown";
import { anything, duration, extraFields, text } from "../validation/values";
import {
  type DirectResponseArgs,
  type RedirectArgs,
  directResponse,
  redirect,
  renderDirectResponse,
  renderRedirect,
} from "./answers";
import { type CorsArgs, cors, renderCors } from "./cors";
import {
  type Destination,
  type ServiceTargetArgs,
  serviceDestination,
  serviceTarget,
  versionDestination,
  versionOf,
} from "./destination";
import { type FaultArgs, fault, renderFault } from "./fault";
import { type HeadersArgs, headers, renderHeaders } from "./headers";
import { type MatchArgs, match } from "./match";
import { type MirrorArgs, mirrors, renderMirrors } from "./mirrors";
import type { Plain } from "./plain";
import { checkReachable } from "./reachability";
import { type RetriesArgs, renderRetries, retries } from "./retries";
import { type RewriteArgs, renderRewrite, rewrite } from "./rewrite";
import { type Weights, inOrder, resolveWeights } from "./weights";

/**
 * A rule for some of the app's requests. The requests that match are shared among the versions by the app's weights,
 * unless one of `version`, `weights`, `service`, `redirect` and `directResponse` says otherwise.
 */
export interface RouteArgs {
  /** A name for metrics and access logs. VirtualService `http[].name`. */
  name?: Input<string>;
  /**
   * Which requests match: any one of these conditions is enough. VirtualService `http[].match`.
   * @default every request
   */
  match?: Input<Input<MatchArgs>[]>;
  /**
   * The one version that gets all of the requests, whatever the weights are. VirtualService
   * `http[].route[].destination.subset`.
   */
  version?: Input<string>;
  /**
   * Weights for this route alone, in percent: every version's by name, with the sum 100. VirtualService
   * `http[].route[].weight`.
   */
  weights?: Input<Record<string, Input<number>>>;
  /** Another Service that gets the requests. VirtualService `http[].route[].destination`. */
  service?: Input<ServiceTargetArgs>;
  /**
   * The port of the app that gets the requests, by its name in `service.ports`; one that speaks HTTP. VirtualService
   * `http[].route[].destination.port.number`.
   * @default the port with the number that the client called, else the first one that speaks HTTP
   */
  port?: Input<string>;
  /** Where clients are redirected to. VirtualService `http[].redirect`. */
  redirect?: Input<RedirectArgs>;
  /** A response that the proxy gives itself. VirtualService `http[].directResponse`. */
  directResponse?: Input<DirectResponseArgs>;
  /** How the requests' path and host are rewritten. VirtualService `http[].rewrite`. */
  rewrite?: Input<RewriteArgs>;
  /** How the headers of requests and responses are changed. VirtualService `http[].headers`. */
  headers?: Input<HeadersArgs>;
  /** How long a response may take, e.g. `10s`. VirtualService `http[].timeout`. @default no limit */
  timeout?: Input<string>;
  /**
   * Which failed requests are retried, and how. VirtualService `http[].retries`.
   * @default 2 retries, only if the app cannot have seen the request
   */
  retries?: Input<RetriesArgs>;
  /** Fault injection: delays and errors added on purpose. VirtualService `http[].fault`. @default none */
  fault?: Input<FaultArgs>;
  /** Traffic mirroring: who gets copies of the requests. VirtualService `http[].mirrors`. @default nobody */
  mirrors?: Input<Input<MirrorArgs>[]>;
  /** CORS: which web pages of other origins may call. VirtualService `http[].corsPolicy`. @default none */
  cors?: Input<CorsArgs>;
  /**
   * Fields of the VirtualService's `http[]` element that have no argument here, as Istio spells them. They win over
   * ours.
   */
  extra?: any;
}

/** The only route of an app that declares none: every request. */
export const EVERY_REQUEST: readonly Plain<RouteArgs>[] = [{}];

/** The fields that choose who gets a route's requests instead of the app's weights. */
const TARGETS = ["version", "weights", "service"];

/** The fields that make sense only for a request that is forwarded. */
const ON_THE_WAY = [...TARGETS, "port", "rewrite", "timeout", "retries", "fault", "mirrors"];

/**
 * Records what is wrong with the routes, each by itself and in their order.
 *
 * @param versions The declared versions' names; undefined if they are invalid.
 * @param httpPorts The names of the app's ports that speak HTTP, [] if it has one port; undefined if they are not
 * known.
 */
export function checkRoutes(
  routes: readonly Plain<RouteArgs>[],
  findings: Findings,
  versions?: readonly string[],
  httpPorts?: readonly string[],
): void {
  if (!Array.isArray(routes) || routes.length === 0) {
    findings.add(
      `is ${shown(routes)}`,
      "a list with at least one route is needed; leave it out for one that takes every request",
    );
    return;
  }
  const before = findings.all().length;
  list(route(versions, httpPorts), "a list of routes")(routes, findings);
  if (findings.all().length === before) {
    checkReachable(routes, findings);
  }
}

/** Whether its requests are shared among versions, by the app's weights or its own. */
export function isShared(given: Plain<RouteArgs>): boolean {
  return setOf(given, ["version", "service", "redirect", "directResponse"]).length === 0;
}

function route(versions: readonly string[] | undefined, httpPorts: readonly string[] | undefined): Check {
  return shape<Plain<RouteArgs>>(
    {
      name: text("a name"),
      match: matches,
      version: versionOf(versions),
      weights: anything, // checked by the rule below, which knows the versions
      service: serviceTarget,
      port: httpPortOf(httpPorts),
      redirect,
      directResponse,
      rewrite,
      headers,
      timeout: duration,
      retries,
      fault,
      mirrors: mirrors(versions),
      cors,
      extra: extraFields,
    },
    atMostOneOf(...TARGETS),
    atMostOneOf("service", "port"),
    atMostOneOf("redirect", "directResponse"),
    wholeAnswer("redirect"),
    wholeAnswer("directResponse"),
    ownWeights(versions),
    conditionsOfPorts(httpPorts),
    attemptsEndFirst,
  );
}

/** The name of one of the app's ports that speak HTTP; any text if they are not known. */
function httpPortOf(ports: readonly string[] | undefined): Check {
  return (value, findings) => {
    if (ports === undefined ? typeof value !== "string" : !ports.includes(value as string)) {
      const allowed =
        ports === undefined
          ? "the name of a port is needed"
          : ports.length === 0
            ? "the app has one port: leave it out, or give the ports names in service.ports"
            : `one of the ports in service.ports that speak HTTP is needed: ${ports.join(", ")}`;
      findings.add(`is ${shown(value)}`, allowed);
    }
  };
}

/** A route applies to each port that speaks HTTP, with conditions for that port. */
function conditionsOfPorts(ports: readonly string[] = []): Rule<Plain<RouteArgs>> {
  return ({ extra }, findings) => {
    if (ports.length > 1 && isObject(extra) && Object.hasOwn(extra, "match")) {
      findings
        .field("extra")
        .field("match")
        .add(
          `is set beside several ports that speak HTTP (${ports.join(", ")})`,
          "it would replace the conditions by which their requests are told apart: use the argument match instead",
        );
    }
  };
}

const matches: Check = (value, findings) => {
  if (!Array.isArray(value) || value.length === 0) {
    findings.add(`is ${shown(value)}`, "a list with at least one match is needed; leave it out to take every request");
  } else {
    list(match, "a list of matches")(value, findings);
  }
};

/** Istio refuses some of these and silently ignores the others. */
function wholeAnswer(name: string): Check {
  return (value, findings) => {
    for (const other of setOf(value, [name]).length === 1 ? setOf(value, ON_THE_WAY) : []) {
      findings
        .field(other)
        .add(`is set beside ${name}`, `requests with a ${name} are not forwarded: leave one of them out`);
    }
  };
}

/**
 * A time limit per attempt that exceeds the whole request's limit never takes effect, so nothing is retried because of
 * it.
 */
const attemptsEndFirst: Rule<Plain<RouteArgs>> = ({ timeout, retries: given }, findings) => {
  const attempt = isKnown(given) ? given?.perTryTimeout : undefined;
  if (typeof timeout !== "string" || typeof attempt !== "string") {
    return;
  }
  if ((milliseconds(attempt) ?? 0) > (milliseconds(timeout) ?? 0)) {
    findings
      .field("retries")
      .field("perTryTimeout")
      .add(
        `is ${attempt}, and the route's timeout is ${timeout}`,
        "no more than that is needed: it ends all attempts together",
      );
  }
};

function ownWeights(versions: readonly string[] | undefined): Rule<Plain<RouteArgs>> {
  return ({ weights }, findings) => {
    if (weights !== undefined && versions !== undefined) {
      resolveWeights(versions, { weights }, findings);
    }
  };
}

/**
 * A VirtualService's `http[]` element. If its requests are shared, it has one weighted destination per version, in the
 * versions' order.
 *
 * @param given A valid route, whose own weights name every version.
 * @param appWeights The app's weights, for a route without weights or another target of its own.
 */
export function renderRoute(given: Plain<RouteArgs>, own: Destination, appWeights: Weights): Record<string, unknown> {
  const answered = given.redirect !== undefined || given.directResponse !== undefined;
  return {
    ...omitUndefined({
      name: given.name,
      match: given.match,
      redirect: given.redirect && renderRedirect(given.redirect),
      directResponse: given.directResponse && renderDirectResponse(given.directResponse),
      rewrite: given.rewrite && renderRewrite(given.rewrite),
      headers: given.headers && renderHeaders(given.headers),
      timeout: given.timeout,
      retries: answered ? undefined : renderRetries(given.retries),
      fault: given.fault && renderFault(given.fault),
      mirrors: given.mirrors && renderMirrors(given.mirrors, own),
      corsPolicy: given.cors && renderCors(given.cors),
      route: answered ? undefined : destinations(given, own, appWeights),
    }),
    ...(given.extra as object | undefined),
  };
}

function destinations(
  { version, weights, service }: Plain<RouteArgs>,
  own: Destination,
  appWeights: Weights,
): object[] {
  if (version !== undefined) {
    return [{ destination: versionDestination(own, version) }];
  }
  if (service !== undefined) {
    return [{ destination: serviceDestination(service) }];
  }
  return inOrder(appWeights, own.versions).map(([name, percent]) => ({
    destination: versionDestination(own, name),
    weight: weights === undefined ? percent : weights[name],
  }));
}
