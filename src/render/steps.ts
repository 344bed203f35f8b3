import { isObject } from "../internal/objects";
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

/** One thing to bring to the cluster; exactly one of the two is set. */
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
  for (const { type, inputs } of resources.filter(({ type, managed }) => managed && type.startsWith("kubernetes:"))) {
    if (type === RELEASE) {
      steps.push({ install: chartInstall(inputs) });
    } else if (!type.endsWith("Patch") || !patched(steps, manifest(inputs))) {
      steps.push({ manifest: manifest(inputs) });
    }
  }
  return steps;
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

/** Annotations that are instructions to Pulumi's provider mean nothing to the cluster. */
function manifest(inputs: Manifest): Manifest {
  const { annotations = {}, ...metadata } = inputs.metadata as { annotations?: Record<string, string>; name: string };
  const kept = Object.entries(annotations).filter(([key]) => !key.startsWith("pulumi.com/"));
  return { ...inputs, metadata: kept.length === 0 ? metadata : { ...metadata, annotations: Object.fromEntries(kept) } };
}

interface ReleaseInputs {
  name: string;
  namespace: string;
  chart: string;
  version?: string;
  repositoryOpts?: { repo?: string };
  values?: Record<string, unknown>;
  timeout?: number;
}

function chartInstall({
  name,
  namespace,
  chart,
  version,
  repositoryOpts,
  values = {},
  timeout = 300,
}: ReleaseInputs): ChartInstall {
  return { release: name, namespace, chart, repository: repositoryOpts?.repo, version, values, timeout };
}
