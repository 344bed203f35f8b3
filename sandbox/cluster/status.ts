import { checkName, namesOf, subnetOf } from "./addresses";
import { ApiServer } from "./api";
import { memoryUse, type MemoryUse } from "./cgroups";
import { DEFAULT_NAME, type SandboxOptions } from "./options";
import { pathsOf, sandboxNames } from "./paths";
import { isRunning } from "./processes";
import { leftovers } from "./putBack";
import { readState } from "./state";
import { programStatuses, type ProgramStatus } from "./waiting";

/** The status of a sandbox. */
export interface Status {
  readonly name: string;
  /**
   * - "absent": there is none.
   * - "stopped": it was taken down, and its data was kept.
   * - "starting": an `up` is running, or was killed; another `up` or `down` repairs that.
   * - "up": it is running.
   * - "broken": its node has ended without `down`; another `up` or `down` repairs that.
   */
  readonly phase: "absent" | "stopped" | "starting" | "up" | "broken";
  /** Whether the API server reports that it is ready. */
  readonly apiReady: boolean;
  /** Whether the node can run pods. */
  readonly nodeReady: boolean;
  /** The node's first process, by its id on the machine. */
  readonly pid?: number;
  /** When it was started, RFC 3339. */
  readonly startedAt?: string;
  readonly nodeAddress?: string;
  readonly kubernetes?: string;
  /** Whether the mesh's images and charts exist. */
  readonly mesh: boolean;
  /** The node's programs, by name; their pids are those inside the node. */
  readonly programs: Readonly<Record<string, ProgramStatus>>;
  readonly memory?: MemoryUse;
  /** Where the programs' logs are. */
  readonly logs?: string;
  /** The names of the other sandboxes of this user. */
  readonly others: readonly string[];
}

/** The status of a sandbox. Changes nothing and does not wait. */
export async function status(options: SandboxOptions = {}): Promise<Status> {
  const name = checkName(options.name ?? DEFAULT_NAME);
  const paths = pathsOf(name);
  const state = readState(paths);
  const none = { name, apiReady: false, nodeReady: false, mesh: false, programs: {}, others: sandboxNames(name) };
  if (!state)
    return { ...none, phase: process.platform === "linux" && leftovers(name).length > 0 ? "broken" : "absent" };
  const known = {
    ...none,
    nodeAddress: subnetOf(state.subnet).nodeAddress,
    kubernetes: state.kubernetes,
    mesh: state.charts !== undefined,
    logs: paths.logs,
  };
  if (!isRunning(state.node)) {
    const phase =
      state.phase === "stopped"
        ? "stopped"
        : leftovers(name).length > 0 && state.node === undefined
          ? "starting"
          : "broken";
    return { ...known, phase };
  }
  return {
    ...known,
    ...(await readiness(name, paths.kubeconfig)),
    phase: state.phase === "up" ? "up" : "starting",
    pid: state.node?.pid,
    startedAt: state.startedAt,
    programs: programStatuses(paths),
    memory: memoryUse(namesOf(name).cgroup),
  };
}

async function readiness(name: string, kubeconfig: string): Promise<{ apiReady: boolean; nodeReady: boolean }> {
  let api: ApiServer;
  try {
    api = new ApiServer(kubeconfig);
  } catch {
    return { apiReady: false, nodeReady: false }; // not written yet
  }
  try {
    const node = await api.get<{ status?: { conditions?: { type: string; status: string }[] } }>(
      `/api/v1/nodes/${name}`,
    );
    const ready =
      node?.status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True") === true;
    return { apiReady: await api.isReady(), nodeReady: ready };
  } finally {
    api.close();
  }
}
