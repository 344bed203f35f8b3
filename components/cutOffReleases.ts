import { AsyncResource } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterReference } from "../src/internal/kubernetes/api";
import { engineTakesHooks } from "../src/internal/pulumiSdk/hooks";

/** Helm's record of one revision of a Release: the labels of the Secret that holds it. */
export interface ReleaseRecord {
  /** The Secret's name. */
  secret: string;
  /** Helm's word for how far it is, e.g. `deployed` or `pending-install`. */
  status: string;
  revision: number;
}

/** What the engine is about to do with a Release. */
export type ReleaseOperation = "install" | "upgrade";

/** How long reading and removing Helm's records may take, in ms. */
const RECORDS_MS = 15_000;

/**
 * The records that an operation of Helm has left which was cut off in its middle (`kill -9`, a machine that was lost).
 * Helm takes them for an operation that is still going on and refuses every further one. Without the record of an
 * installation Helm installs again and takes over what is there; without that of an upgrade it goes on from the
 * revision before.
 *
 * Records of an installation count only where there are no others: with others, the Release is somebody else's.
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
 * Removes, before a Release is installed or upgraded, what an `up` that was cut off has left of it. That nobody is at
 * work on it any more follows from Pulumi's lock on the stack.
 *
 * Where the records cannot be read or removed, nothing is done, and Helm refuses as it would without this.
 *
 * @param name The start of the hooks' names.
 * @param mesh Whose children the Releases are: with its provider's cluster, and told what was done.
 */
export function cutOffHooks(name: string, mesh: pulumi.Resource): pulumi.ResourceHookBinding | undefined {
  if (!engineTakesHooks()) {
    return undefined;
  }
  const cluster = clusterOfReleases(mesh);
  const hook = (operation: ReleaseOperation) =>
    new pulumi.ResourceHook(
      `${name}-${operation}-again`,
      // The engine calls hooks from outside of a program that is a function, where what is logged reaches nobody.
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

/** Gives how many records were removed. */
async function removeCutOff(
  cluster: ClusterReference,
  namespace: string,
  release: string,
  operation: ReleaseOperation,
): Promise<number> {
  // Only an `up` that installs or upgrades something needs it, and a program is loaded for each preview, too.
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

/** The cluster that the Releases of a mesh are installed in: that of its provider, or the stack's default one. */
function clusterOfReleases(mesh: pulumi.Resource): pulumi.Output<ClusterReference> {
  // A provider has its inputs as outputs, though its type does not say so.
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
