import { namesOf } from "./addresses";
import { entering, entrancesOf } from "./cgroups";
import { execute } from "./execute";
import type { Paths } from "./paths";
import type { State } from "./state";

/** The name space of the container runtime that Kubernetes uses. */
export const CONTAINERD_NAMESPACE = "k8s.io";

/**
 * Imports an archive of images (as `docker save` writes it, or an OCI layout) into the node, where pods find
 * them under their names with imagePullPolicy IfNotPresent or Never.
 * @param name the sandbox's name
 * @throws SandboxError if the archive is not there or not whole
 */
export async function importArchive(
  name: string,
  archive: string,
  state: Pick<State, "ctr" | "environment">,
  paths: Paths,
  signal?: AbortSignal,
): Promise<void> {
  const command = [
    state.ctr,
    "--address",
    paths.containerdSocket,
    "--namespace",
    CONTAINERD_NAMESPACE,
    "images",
    "import",
    archive,
  ];
  // Without the container runtime it would retry for ever: it has to end with the runtime, even if this process is
  // killed.
  await execute(`importing ${archive}`, entering(entrancesOf(namesOf(name).cgroup), command), {
    env: { ...process.env, ...state.environment },
    signal,
  });
}
