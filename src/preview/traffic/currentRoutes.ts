import { type Inputs, isKind, objectName, type ResourceChange } from "../change/resourceChange";
import { CLOSED_SECRET } from "../../render/secretMark";
import { UNKNOWN_VALUE } from "../../render/unknownMark";
import { inWords } from "../../istio/matchWords";

/** Where one part of a route's requests goes. */
export interface Share {
  /** The version (the subset that is named), or the host and port of a service without versions. */
  to: string;
  /** In percent of the route's requests. */
  percent: number;
  /** The host that is called. */
  host: string;
  /** The subset of that host; undefined where the route names none. */
  subset?: string;
}

/** What happens to the requests that one route of a VirtualService takes. */
export interface Route {
  /** The VirtualService, `namespace/name`. */
  object: string;
  /** The hosts it is for. */
  hosts: readonly string[];
  /** Which requests it takes, in words; `every request` or `every connection` for all. */
  requests: string;
  /** Where they go; empty for a route that answers by itself. */
  shares: readonly Share[];
  /** What it responds itself, e.g. `redirect to /new`. */
  answer?: string;
}

/** Which of the two routes are read from. */
export type Side = "before" | "after";

/** Why routes cannot be shown. */
export const Hidden = {
  /** There are secrets in them. */
  Secret: "secret",
  /** Something in them is not known yet. */
  Unknown: "unknown",
} as const;
export type Hidden = (typeof Hidden)[keyof typeof Hidden];

/** What keeps a VirtualService from being read before the change or after it; undefined if nothing does. */
export function hiddenBy(change: ResourceChange): Hidden | undefined {
  const objects = isKind(change, "VirtualService") ? [change.before, change.after] : [];
  return objects.some((object) => hasMark(object, CLOSED_SECRET))
    ? Hidden.Secret
    : objects.some((object) => hasMark(object, UNKNOWN_VALUE))
      ? Hidden.Unknown
      : undefined;
}

/** Whether the routes of a VirtualService, or something in them, are secret or unknown. */
function hasMark(object: Inputs | undefined, mark: string): boolean {
  const { http, tls, tcp } = object?.spec ?? {};
  return [object?.spec, http, tls, tcp].some(
    (part) => part === mark || (Array.isArray(part) && JSON.stringify(part).includes(JSON.stringify(mark))),
  );
}

/** The routes of all of the stack's VirtualServices that can be read, before or after the change. */
export function stackRoutes(resources: readonly ResourceChange[], side: Side): Route[] {
  return resources
    .filter((change) => isKind(change, "VirtualService") && hiddenBy(change) === undefined)
    .flatMap((change) => change[side] ?? [])
    .flatMap(routesOf);
}

/** The routes of one VirtualService in their order. */
export function routesOf(virtualService: Inputs): Route[] {
  const { hosts = [], http = [], tls = [], tcp = [] } = virtualService.spec ?? {};
  const common = { object: objectName(virtualService), hosts: Array.isArray(hosts) ? hosts.map(String) : [] };
  const taken = (routes: unknown, all?: string) => listed(routes).map((route) => [route, inWords(route, all)] as const);
  return [...taken(http), ...taken(tls), ...taken(tcp, "every connection")].map(([route, requests]) => ({
    ...common,
    requests,
    shares: sharesOf(route),
    ...answerOf(route),
  }));
}

/** The shares as Envoy takes them: by ratio, whatever their sum; a lone destination gets everything. */
function sharesOf({ route }: Inputs): Share[] {
  const destinations = listed(route);
  const weights = destinations.map(({ weight = 0 }) => Number(weight));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return destinations.map(({ destination = {} }, index) => {
    const { host = "?", subset, port } = destination as Inputs;
    const percent = destinations.length === 1 ? 100 : sum === 0 ? 0 : (weights[index] / sum) * 100;
    const to = subset ?? (port?.number === undefined ? host : `${host}:${port.number}`);
    return { to: String(to), percent, host: String(host), ...(subset === undefined ? {} : { subset: String(subset) }) };
  });
}

function answerOf({ redirect, directResponse, delegate }: Inputs): { answer?: string } {
  if (redirect) {
    const { scheme, authority, uri } = redirect as Inputs;
    const to = `${scheme ? `${scheme}://` : ""}${authority ?? ""}${uri ?? ""}`;
    return { answer: `redirect${to && ` to ${to}`}` };
  }
  if (directResponse) {
    return { answer: `answer ${directResponse.status ?? ""}`.trim() };
  }
  return delegate ? { answer: `delegate to ${objectName({ metadata: delegate })}` } : {};
}

function listed(value: unknown): Inputs[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "object" && each !== null) : [];
}
