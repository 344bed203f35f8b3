import { type Inputs, isKind, type ResourceChange } from "../change/resourceChange";
import type { Share, Side } from "../traffic/situation";

/** The Deployment behind a share. */
export interface VersionBehind {
  /** Whether a DestinationRule of the stack names the subset; undefined if none of the host is in the stack. */
  declared?: boolean;
  deployment?: ResourceChange;
}

/** Finds what is behind a share as Istio does: the subset's labels and the Service's selector choose the pods. */
export function versionBehind({ host, subset }: Share, resources: readonly ResourceChange[], side: Side): VersionBehind {
  const objects = (kind: string) => resources.filter((change) => isKind(change, kind) && change[side] !== undefined);
  const rules = objects("DestinationRule").map((change) => change[side] as Inputs).filter(({ spec, metadata }) => sameHost(spec?.host, host, metadata?.namespace));
  if (subset === undefined || rules.length === 0) {
    return {};
  }
  const found = rules.flatMap(({ spec }) => (Array.isArray(spec?.subsets) ? spec.subsets : [])).find(({ name }: Inputs) => name === subset);
  if (found === undefined) {
    return { declared: false };
  }
  const selector = objects("Service").map((change) => change[side] as Inputs).find(({ metadata }) => sameHost(metadata?.name, host, metadata?.namespace))?.spec?.selector ?? {};
  const wanted = Object.entries({ ...selector, ...found.labels });
  const deployment = objects("Deployment").find((change) => {
    const { metadata, spec } = change[side] as Inputs;
    const labels = spec?.template?.metadata?.labels ?? {};
    return inNamespaceOf(host, metadata?.namespace) && wanted.every(([label, value]) => labels[label] === value);
  });
  return { declared: true, ...(deployment && { deployment }) };
}

/** The images that a Deployment's pods run, by container. */
export function imagesOf(deployment: Inputs | undefined): Record<string, string> {
  const containers: Inputs[] = deployment?.spec?.template?.spec?.containers ?? [];
  return Object.fromEntries(containers.map(({ name, image }) => [String(name), typeof image === "string" ? image : ""]));
}

/** Whether two names mean the same host: Istio completes a short one with the namespace that it stands in. */
function sameHost(one: unknown, other: string, namespace?: string): boolean {
  return typeof one === "string" && (one === other || fullHost(one, namespace) === fullHost(other, namespace));
}

function fullHost(host: string, namespace = "default"): string {
  const parts = host.split(".");
  return parts.length === 1 ? `${host}.${namespace}` : parts.slice(0, 2).join(".");
}

function inNamespaceOf(host: string, namespace?: string): boolean {
  const [, of] = host.split(".");
  return of === undefined || namespace === undefined || of === namespace;
}
