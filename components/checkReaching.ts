import { isObject } from "../src/internal/objects";
import type { GatewayArgs } from "../src/istio/gateway";
import type { Plain } from "../src/istio/plain";
import { ServiceProtocol } from "../src/istio/protocol";
import { EVERY_HOST, checkReach, routedInside, sharesHosts } from "../src/istio/reach";
import type { RoutedApp } from "../src/istio/routing";
import type { Findings } from "../src/validation/problem";
import { isKnown } from "../src/validation/unknown";
import type { CanaryAppArgs } from "./canaryAppArgs";

/**
 * Records what is wrong with an app's hosts, gateway and protocol beside each other, as far as they are sound by
 * themselves.
 */
export function checkReaching(args: Plain<CanaryAppArgs>, findings: Findings): void {
  const { hosts, protocol, ...rest } = reachingOf(args);
  if (!isPlainHosts(hosts) || !isProtocol(protocol)) {
    return;
  }
  checkReach({ ...rest, hosts, protocol }, findings);
}

/**
 * By which Gateways requests come to an app of this name, as far as that is sound and known before anything is
 * registered.
 */
export function plainEntrances(
  app: unknown,
  { hosts = [...EVERY_HOST], gateway, internal, namespace, service }: Plain<CanaryAppArgs>,
): RoutedApp {
  const protocol: unknown = isObject(service) ? service.protocol : undefined;
  const reach = isPlainHosts(hosts) ? { hosts, ...(isProtocol(protocol) ? { protocol } : {}) } : {};
  const [use, own] = [
    isKnown(gateway) ? gateway?.use : gateway,
    isKnown(namespace) ? (namespace?.name ?? app) : namespace,
  ];
  if (
    typeof app !== "string" ||
    !isPlainHosts(hosts) ||
    !["string", "undefined"].includes(typeof use) ||
    typeof own !== "string"
  ) {
    return { reach };
  }
  return {
    reach,
    entrances: {
      gateway: hosts.length === 0 ? undefined : (use ?? app),
      internal: routedInside({ hosts, internal, shareHosts: sharesHosts(gateway) }),
    },
    namespace: own,
  };
}

/** The arguments that say from where an app is reached, with their defaults. */
export function reachingOf({
  hosts = [...EVERY_HOST],
  gateway: given,
  internal,
  service,
  routes,
}: Plain<CanaryAppArgs> | CanaryAppArgs): Parameters<typeof checkReach>[0] {
  const protocol = (isKnown(service) ? service?.protocol : undefined) ?? ServiceProtocol.Http;
  return {
    hosts: hosts as string[],
    gateway: given as Plain<GatewayArgs> | undefined,
    internal,
    protocol,
    hasRoutes: routes !== undefined && !isEveryRequest(routes),
  };
}

/** Whether routes say no more than leaving them out does: one route, without any field. */
function isEveryRequest(routes: unknown): boolean {
  const [only, ...others]: unknown[] = Array.isArray(routes) ? routes : [undefined];
  return (
    others.length === 0 && isKnown(only) && typeof only === "object" && only !== null && Object.keys(only).length === 0
  );
}

function isPlainHosts(hosts: unknown): hosts is string[] {
  return Array.isArray(hosts) && Array.from(hosts).every((host) => typeof host === "string");
}

function isProtocol(protocol: unknown): protocol is ServiceProtocol {
  return (Object.values(ServiceProtocol) as unknown[]).includes(protocol);
}
