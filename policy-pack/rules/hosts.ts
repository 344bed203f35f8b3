import { isOfKind, type KubernetesObject, list, NETWORKING, type ObjectRule } from "./rule";

/** Which hosts may be served. */
export interface HostsConfig {
  /**
   * Host names; `*.example.com` for all below one. Hosts of the cluster itself (`….svc.` with its domain, and short
   * names) are always allowed.
   * @default all but "*"
   */
  allowed: string[];
  /** The domain of the cluster's Services. @default "cluster.local" */
  clusterDomain?: string;
}

/** Only hosts that are allowed are served, and never every host. */
export const hosts: ObjectRule<HostsConfig> = {
  name: "allowed-hosts",
  description: "Gateways and VirtualServices serve allowed hosts only, and never every host",
  config: {
    allowed: { type: "array", items: { type: "string" }, default: [] },
    clusterDomain: { type: "string", default: "cluster.local" },
  },
  check: (object, { allowed, clusterDomain = "cluster.local" }) =>
    hostsOf(object)
      .filter(([, host]) => !isAllowed(host, allowed, clusterDomain))
      .map(
        ([path]) =>
          `${path} is not allowed; allowed ${allowed.length === 0 ? 'is every host but "*"' : `are ${allowed.join(", ")}`}`,
      ),
};

type HostAt = [path: string, host: string];

function hostsOf(object: KubernetesObject): HostAt[] {
  if (isOfKind(object, NETWORKING, "VirtualService")) {
    return hostsAt("spec.hosts", object.spec?.hosts);
  }
  return isOfKind(object, NETWORKING, "Gateway")
    ? list(object.spec?.servers).flatMap((server, index) => hostsAt(`spec.servers[${index}].hosts`, server.hosts))
    : [];
}

/** A host of a Gateway can stand behind a namespace: `shop/shop.example.com`. */
function hostsAt(path: string, hosts: unknown): HostAt[] {
  return list(hosts).flatMap((host, index): HostAt[] =>
    typeof host === "string" ? [[`${path}[${index}]`, host.split("/").at(-1) as string]] : [],
  );
}

function isAllowed(host: string, allowed: readonly string[], clusterDomain: string): boolean {
  if (host !== "*" && (allowed.length === 0 || !host.includes(".") || host.endsWith(`.svc.${clusterDomain}`))) {
    return true;
  }
  return allowed.some(
    (pattern) =>
      pattern === host || (pattern.startsWith("*.") && host.endsWith(pattern.slice(1)) && host !== pattern.slice(2)),
  );
}
