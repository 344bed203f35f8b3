import { mkdirSync } from "node:fs";
import { SandboxError } from "./errors";
import { readIfThere, writeWhole } from "./files";
import type { Paths } from "./paths";
import type { ProcessIdentity } from "./processes";

/** The state of a sandbox, kept in a file between commands. */
export interface State {
  /** The version of this file's format. */
  readonly form: 1;
  /** N of the subnet 10.77.N.0/24. */
  readonly subnet: number;
  /**
   * "starting": an `up` is running, or was killed; "up": it has finished; "stopped": taken down, with its data kept.
   */
  readonly phase: "starting" | "up" | "stopped";
  /** The boot of the machine in which the phase was reached. */
  readonly boot: string;
  /** The node's first process; unset before its start. */
  readonly node?: ProcessIdentity;
  /** When that was started, RFC 3339. */
  readonly startedAt?: string;
  /** Kubernetes' version, e.g. "v1.34.4". */
  readonly kubernetes: string;
  /** The folder with kubectl. */
  readonly kubectlFolder: string;
  /** The tool that imports images, and the environment it needs. */
  readonly ctr: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Archives that have been imported. */
  readonly images: readonly string[];
  /** The folder of Istio's charts; unset in a sandbox without mesh. */
  readonly charts?: string;
}

/** The sandbox's state; undefined if there is no such sandbox. */
export function readState(paths: Paths): State | undefined {
  const content = readIfThere(paths.state);
  if (content === undefined) return undefined;
  const state = JSON.parse(content) as State;
  if (state.form !== 1) {
    throw new SandboxError(
      `${paths.state} was written by another version of the sandbox (form ${String(state.form)}, not 1). Use that version's \`down\`.`,
    );
  }
  return state;
}

/** Writes the state, and creates the sandbox's folder if needed. */
export function writeState(paths: Paths, state: State): State {
  mkdirSync(paths.folder, { recursive: true, mode: 0o700 });
  writeWhole(paths.state, `${JSON.stringify(state, undefined, 2)}\n`);
  return state;
}
