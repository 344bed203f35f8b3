import { AsyncResource } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterReference } from "../src/internal/kubernetes/api";
import { engineTakesHooks } from "../src/internal/pulumiSdk/hooks";

/** Helm's record of one revision of a Release, as the labels of the Secret that holds it. */
export interface ReleaseRecord {
  /** The Secret's name. */
  secret: string;
  /** Helm's status of the revision, e.g. `deployed` or `pending-install`. */
  status: string;
  revision: number;
}

/** What the engine is about to do with a Release. */
export type ReleaseOperation = "install" | "upgrade";

/** The time limit for reading and removing Helm's records, in milliseconds. */
const RECORDS_MS = 15_000;

/**
 * The records left by a Helm operation that was cut off halfway (`kill -9`, a lost machine). Helm takes such an
 * operation for one that is still running and refuses any other. Without the record of an installation, Helm installs
 * again and adopts what exists; without that of an upgrade, it continues from the previous revision. Records of an
 * installation count only if there are no others: otherwise the Release belongs to somebody else.
 */
export function cutOffRecords(records: readonly ReleaseRecord[], operation: ReleaseOperation): ReleaseRecord[] {
  if (operation === "install") {
    return records.every(({ status }) => status === "pending-install") ? [...records] : [];
  }
  const newestFirst = [...records].sort((one, other) => other.revision - one.revision);
  const firstKept = newestFirst.findIndex(({ status }) => status !== "pending-upgrade");
  return firstKept > 0 ? newestFirst.slice(0, firstKept) : [];
}

/**
 * Before a Release is installed or upgraded, removes the records left by an `up` that was cut off. Pulumi's lock on the
 * stack guarantees that nobody is working on it any more. If the records cannot be read or removed, nothing is done,
 * and Helm refuses as it would anyway.
 *
 * @param name The start of the hooks' names.
 * @param mesh The parent of the Releases: its provider's cluster is used, and what was done is logged on it.
 */
export function cutOffHooks(name: string, mesh: pulumi.Resource): pulumi.ResourceHookBinding | undefined {
  if (!engineTakesHooks()) {
    return undefined;
  }
  const cluster = clusterOfReleases(mesh);
  const hook = (operation: ReleaseOperation) =>
    new pulumi.ResourceHook(
      `${name}-${operation}-again`,
      // For an inline program, the engine calls hooks outside of the program's context, where log messages are lost.
      AsyncResource.bind(async ({ newInputs }: pulumi.ResourceHookArgs) => {
        const { name: release, namespace } = (newInputs ?? {}) as { name?: unknown; namespace?: unknown };
        if (typeof release !== "string" || typeof namespace !== "string") {
          return;
        }
        try {
          const removed = await removeCutOff(await known(cluster), namespace, release, operation);
          if (removed > 0) {
            const what = operation === "install" ? "installation" : "upgrade";
            await pulumi.log.info(
              `an ${what} of Release ${release} in ${namespace} was cut off; its record in Helm is removed, and it is made again`,
              mesh,
            );
          }
        } catch (error) {
          const text = `Helm's records of ${release} in ${namespace} were not looked at: ${String(error)}`;
          await pulumi.log.debug(text, mesh).catch(() => undefined);
        }
      }),
    );
  return { beforeCreate: [hook("install")], beforeUpdate: [hook("upgrade")] };
}

/** Returns how many records were removed. */
async function removeCutOff(
  cluster: ClusterReference,
  namespace: string,
  release: string,
  operation: ReleaseOperation,
): Promise<number> {
  // Loaded late: only an `up` that installs or upgrades something needs it, while a program is loaded for every
  // preview, too.
  const { KubernetesApi } =
    require("../src/internal/kubernetes/api") as typeof import("../src/internal/kubernetes/api");
  const api = await KubernetesApi.of(cluster);
  const signal = AbortSignal.timeout(RECORDS_MS);
  const secrets = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`;
  try {
    const labels = encodeURIComponent(`owner=helm,name=${release}`);
    const { items } = await api.json<{ items: { metadata: { name: string; labels?: Record<string, string> } }[] }>(
      `${secrets}?labelSelector=${labels}`,
      signal,
    );
    const records = items.map(({ metadata: { name, labels: { status = "", version = "" } = {} } }) => ({
      secret: name,
      status,
      revision: Number(version),
    }));
    const removed = cutOffRecords(records, operation);
    for (const { secret } of removed) {
      await api.remove(`${secrets}/${encodeURIComponent(secret)}`, signal);
    }
    return removed.length;
  } finally {
    api.close();
  }
}

/** The cluster that a mesh's Releases are installed in: the one of its provider, or else the stack's default. */
function clusterOfReleases(mesh: pulumi.Resource): pulumi.Output<ClusterReference> {
  // A provider has its inputs as outputs, although its type does not declare them.
  const provider = mesh.getProvider(RELEASE) as { kubeconfig?: unknown; context?: unknown } | undefined;
  const config = new pulumi.Config("kubernetes");
  const { kubeconfig, context } = provider ?? { kubeconfig: config.get("kubeconfig"), context: config.get("context") };
  return pulumi.output({ kubeconfig, context }).apply((given) => ({
    ...(isText(given.kubeconfig) ? { kubeconfig: given.kubeconfig } : {}),
    ...(isText(given.context) ? { context: given.context } : {}),
  }));
}

const RELEASE = "kubernetes:helm.sh/v3:Release";

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function known<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply((value) => resolve(value as T)));
}
