import { type Inputs, isKind, type ResourceChange } from "../change/resourceChange";
import type { Share, Side } from "../traffic/currentRoutes";

/** The Deployment behind a share. */
export interface VersionBehind {
  /** Whether a DestinationRule of the stack names the subset; undefined if none of the host is in the stack. */
  declared?: boolean;
  deployment?: ResourceChange;
}

/**
 * Finds what is behind shares as Istio does: the subset's labels and the Service's selector choose the pods. A stack's
 * routes name the same few versions again and again, and a stack can have thousands of objects: each is looked at once
 * for each version.
 */
export function versionsBehind(resources: readonly ResourceChange[], side: Side): (share: Share) => VersionBehind {
  const objects = (kind: string) => resources.filter((change) => isKind(change, kind) && change[side] !== undefined);
  const inputs = (kind: string) => objects(kind).map((change) => change[side] as Inputs);
  const rules = grouped(inputs("DestinationRule"), ({ spec }) => shortHost(spec?.host));
  const services = grouped(inputs("Service"), ({ metadata }) => shortHost(metadata?.name));
  const deployments = grouped(
    objects("Deployment"),
    (change) => change[side]?.metadata?.namespace as string | undefined,
  );
  const known = new Map<string, VersionBehind>();

  return (share) => {
    const key = JSON.stringify([share.host, share.subset]);
    const found = known.get(key) ?? behind(share);
    known.set(key, found);
    return found;
  };

  function behind({ host, subset }: Share): VersionBehind {
    const named = (rules.get(shortHost(host)) ?? []).filter(({ spec, metadata }) =>
      sameHost(spec?.host, host, metadata?.namespace),
    );
    if (subset === undefined || named.length === 0) {
      return {};
    }
    const found = named
      .flatMap(({ spec }) => (Array.isArray(spec?.subsets) ? spec.subsets : []))
      .find(({ name }: Inputs) => name === subset);
    if (found === undefined) {
      return { declared: false };
    }
    const service = (services.get(shortHost(host)) ?? []).find(({ metadata }) =>
      sameHost(metadata?.name, host, metadata?.namespace),
    );
    const wanted = Object.entries({ ...service?.spec?.selector, ...found.labels });
    const deployment = deploymentsFor(host).find((change) => {
      const labels = change[side]?.spec?.template?.metadata?.labels ?? {};
      return wanted.every(([label, value]) => labels[label] === value);
    });
    return { declared: true, ...(deployment && { deployment }) };
  }

  /** Those in the host's namespace, as far as both are known. */
  function deploymentsFor(host: string): ResourceChange[] {
    const [, namespace] = host.split(".");
    return namespace === undefined
      ? [...deployments.values()].flat()
      : [...(deployments.get(namespace) ?? []), ...(deployments.get(undefined) ?? [])];
  }
}

/** The images that a Deployment's pods run, by container. */
export function imagesOf(deployment: Inputs | undefined): Record<string, string> {
  const containers: unknown = deployment?.spec?.template?.spec?.containers;
  return Object.fromEntries(
    (Array.isArray(containers) ? (containers as Inputs[]) : []).map(({ name, image }) => [
      String(name),
      typeof image === "string" ? image : "",
    ]),
  );
}

/** Whether two names mean the same host: Istio completes a short one with the namespace that it stands in. */
function sameHost(one: unknown, other: string, namespace?: string): boolean {
  return typeof one === "string" && (one === other || fullHost(one, namespace) === fullHost(other, namespace));
}

function fullHost(host: string, namespace = "default"): string {
  const parts = host.split(".");
  return parts.length === 1 ? `${host}.${namespace}` : parts.slice(0, 2).join(".");
}

/** The part that is the same in all names of a host. */
function shortHost(host: unknown): string {
  return typeof host === "string" ? host.split(".")[0] : "";
}

function grouped<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [item]);
    } else {
      group.push(item);
    }
  }
  return groups;
}
