import type { GatewayArgs } from "../src/istio/gateway";
import type { Plain } from "../src/istio/plain";
import { EVERY_HOST, type ReachingArgs, checkReach, routedInside, sharesHosts } from "../src/istio/reach";
import type { RoutedApp } from "../src/istio/routing";
import { spokenOf } from "../src/istio/servicePorts";
import type { Findings } from "../src/validation/problem";
import { isKnown } from "../src/validation/unknown";
import type { CanaryAppArgs } from "./canaryAppArgs";

/** Records conflicts between an app's hosts, gateway and protocol, as far as each of them is valid by itself. */
export function checkReaching(args: Plain<CanaryAppArgs>, findings: Findings): void {
  const { hosts, spoken, ...rest } = reachingOf(args);
  if (!isPlainHosts(hosts) || spoken === undefined) {
    return;
  }
  checkReach({ ...rest, hosts, spoken }, findings);
}

/**
 * The Gateways through which requests reach an app of this name, as far as they are valid and known before anything is
 * registered.
 */
export function plainEntrances(
  app: unknown,
  { hosts = [...EVERY_HOST], gateway, internal, namespace, service }: Plain<CanaryAppArgs>,
): RoutedApp {
  const reach = { hosts: isPlainHosts(hosts) ? hosts : undefined, spoken: spokenOf(service) };
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

/** The arguments that {@link checkReach} looks at, as far as they are valid. */
type Reaching = Omit<ReachingArgs, "spoken"> & { spoken: ReturnType<typeof spokenOf> };

/** The arguments that decide from where an app can be reached, with their defaults. */
export function reachingOf({
  hosts = [...EVERY_HOST],
  gateway: given,
  internal,
  service,
  routes,
}: Plain<CanaryAppArgs> | CanaryAppArgs): Reaching {
  return {
    hosts: hosts as string[],
    gateway: given as Plain<GatewayArgs> | undefined,
    internal,
    spoken: spokenOf(service),
    hasRoutes: routes !== undefined && !isEveryRequest(routes),
  };
}

/** Whether the routes are the same as the default: one route, without any field. */
function isEveryRequest(routes: unknown): boolean {
  const [only, ...others]: unknown[] = Array.isArray(routes) ? routes : [undefined];
  return (
    others.length === 0 && isKnown(only) && typeof only === "object" && only !== null && Object.keys(only).length === 0
  );
}

function isPlainHosts(hosts: unknown): hosts is string[] {
  return Array.isArray(hosts) && Array.from(hosts).every((host) => typeof host === "string");
}
