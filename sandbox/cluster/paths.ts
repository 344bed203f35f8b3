import { readdirSync } from "node:fs";
import { join } from "node:path";
import { userState } from "../userFolders";

/** The paths of everything that a sandbox writes. All of them are inside `folder`, which `down` removes. */
export interface Paths {
  /** The sandbox's own folder. */
  readonly folder: string;
  /** The state of the sandbox, see `State`. */
  readonly state: string;
  /** What it changed on the machine, see `Journal`. */
  readonly journal: string;
  /** The supervisor's plan and status. */
  readonly plan: string;
  readonly programs: string;
  /** Certificates, and kubeconfigs of the node's programs. */
  readonly credentials: string;
  /** The kubeconfig for people: one context, named like the sandbox. */
  readonly kubeconfig: string;
  /** Configuration files of the node's programs. */
  readonly configuration: string;
  /** Output of each program, and of the pods. */
  readonly logs: string;
  /** The programs' data. */
  readonly etcd: string;
  readonly containerd: string;
  readonly kubelet: string;
  /** For temporary files of the node's programs. */
  readonly temporary: string;
  /** containerd's socket. */
  readonly containerdSocket: string;
  /** Exists once the node has its network and its credentials: programs that wait for them may start. */
  readonly prepared: string;
  /** Values files for Istio's charts, filled for this sandbox. */
  readonly values: string;
}

/** The folder that holds all sandboxes: `$XDG_STATE_HOME/canary-sandbox`, by default in `~/.local/state`. */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(userState(env), "canary-sandbox");
}

/** The paths of the sandbox of this name. */
export function pathsOf(name: string, root: string = stateFolder()): Paths {
  const folder = join(root, name);
  return {
    folder,
    state: join(folder, "state.json"),
    journal: join(folder, "journal.json"),
    plan: join(folder, "plan.json"),
    programs: join(folder, "programs.json"),
    credentials: join(folder, "credentials"),
    kubeconfig: join(folder, "kubeconfig"),
    configuration: join(folder, "configuration"),
    logs: join(folder, "logs"),
    etcd: join(folder, "etcd"),
    containerd: join(folder, "containerd"),
    kubelet: join(folder, "kubelet"),
    temporary: join(folder, "tmp"),
    containerdSocket: join(folder, "containerd.sock"),
    prepared: join(folder, "prepared"),
    values: join(folder, "values"),
  };
}

/** The names of all sandboxes that have a folder, `except` left out. */
export function sandboxNames(except?: string, root: string = stateFolder()): string[] {
  try {
    return readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== except)
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
