import { isObject } from "../internal/objects";
import { isKubernetesObject, named } from "./previewOutputs";
import type { RecordedResource } from "./recorder";

/** A Kubernetes object as plain data. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; [field: string]: unknown };
  [field: string]: unknown;
}

/** A chart to install with Helm. */
export interface ChartInstall {
  /** The Release's name. */
  release: string;
  /** Its namespace. */
  namespace: string;
  /** The chart: a name in `repository`, a folder, or an `oci://` address. */
  chart: string;
  /** The Helm repository's address, if `chart` is a name in one. */
  repository?: string;
  /** The chart's version, if it does not come from a folder. */
  version?: string;
  /** The values, as data. */
  values: Record<string, unknown>;
  /** How long it may take, in seconds. */
  timeout: number;
}

/** One thing to bring to the cluster; set exactly one of the two. */
export interface RenderedStep {
  /** An object to apply. */
  manifest?: Manifest;
  /** A chart to install. */
  install?: ChartInstall;
}

const RELEASE = "kubernetes:helm.sh/v3:Release";

/**
 * What a program would bring to the cluster, in an order in which everything stands after what it depends on.
 * Components have no object of their own, and what is only read is not brought.
 */
export function render(resources: readonly RecordedResource[]): RenderedStep[] {
  const steps: RenderedStep[] = [];
  for (const { type, name, inputs } of resources.filter(({ managed }) => managed)) {
    if (type === RELEASE) {
      steps.push({ install: chartInstall(inputs, name) });
    } else if (
      isKubernetesObject(type, inputs) &&
      (!type.endsWith("Patch") || !patched(steps, manifest(inputs, name)))
    ) {
      steps.push({ manifest: manifest(inputs, name) });
    }
  }
  return steps;
}

/** An object's kind, with its group, and its name: `Deployment.apps shop/shop-v2`. */
export function titleOf({ apiVersion, kind, metadata: { name, namespace } }: Manifest): string {
  const group = apiVersion.includes("/") ? `.${apiVersion.split("/")[0]}` : "";
  return `${kind}${group} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

/**
 * What a program registers whose objects only Pulumi's provider could tell, e.g. a chart that is not a Release, or files
 * of YAML: `type name` of each.
 */
export function unrendered(resources: readonly RecordedResource[]): string[] {
  const parents = new Set(resources.map(({ parent }) => parent));
  return resources
    .filter(({ type, name, inputs, managed }) => {
      const isRendered = type === RELEASE || isKubernetesObject(type, inputs) || parents.has(`${type}::${name}`);
      return managed && type.startsWith("kubernetes:") && !isRendered;
    })
    .map(({ type, name }) => `${type} ${name}`);
}

/**
 * Puts what a Patch resource says into the object that it patches: two appliers of one object would undo each other's
 * fields.
 */
function patched(steps: RenderedStep[], patch: Manifest): boolean {
  const step = steps.find(({ manifest: other }) => other !== undefined && identity(other) === identity(patch));
  if (step !== undefined) {
    step.manifest = merged(step.manifest, patch) as Manifest;
  }
  return step !== undefined;
}

function identity({ kind, metadata: { name, namespace } }: Manifest): string {
  return `${kind} ${namespace}/${name}`;
}

function merged(whole: unknown, part: unknown): unknown {
  return isObject(whole) && isObject(part)
    ? Object.fromEntries(
        Object.entries({ ...whole, ...part }).map(([key, value]) => [
          key,
          Object.hasOwn(whole, key) && Object.hasOwn(part, key) ? merged(whole[key], value) : value,
        ]),
      )
    : part;
}

/**
 * An object as the cluster gets it. Annotations that are instructions to Pulumi's provider mean nothing to it.
 *
 * @param resource The name of the resource.
 */
function manifest(inputs: Manifest, resource: string): Manifest {
  const given: unknown = inputs.metadata ?? {};
  const { annotations, ...metadata } = named(isObject(given) ? given : { name: given }, resource);
  if (!isObject(annotations)) {
    return { ...inputs, metadata: { ...metadata, ...(annotations !== undefined && { annotations }) } as Metadata };
  }
  const kept = Object.entries(annotations).filter(([key]) => !key.startsWith("pulumi.com/"));
  const own = kept.length === 0 ? {} : { annotations: Object.fromEntries(kept) };
  return { ...inputs, metadata: { ...metadata, ...own } as Metadata };
}

type Metadata = Manifest["metadata"];

interface ReleaseInputs {
  name?: string;
  namespace?: string;
  chart: string;
  version?: string;
  repositoryOpts?: { repo?: string };
  values?: Record<string, unknown>;
  timeout?: number;
}

function chartInstall(
  { name, namespace = "default", chart, version, repositoryOpts, values = {}, timeout = 300 }: ReleaseInputs,
  resource: string,
): ChartInstall {
  return { release: name ?? resource, namespace, chart, repository: repositoryOpts?.repo, version, values, timeout };
}
