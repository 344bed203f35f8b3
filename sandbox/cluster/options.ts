import type { Progress } from "../progress";

/** The name of the sandbox that is meant where none is given. */
export const DEFAULT_NAME = "canary";

/** Which sandbox is meant. */
export interface SandboxOptions {
  /** A DNS label of at most 10 characters; the node is named so too. Default: "canary". */
  readonly name?: string;
}

/** What `up` is asked for. */
export interface UpOptions extends SandboxOptions {
  /**
   * Whether Istio's images and the demo's are built and imported, and Istio's charts and their values written.
   * Default: true. A sandbox that is up without them gets them from another `up`.
   */
  readonly mesh?: boolean;
  /** Where the work is told of. Default: nowhere. */
  readonly progress?: Progress;
  /** Ends the work; what was started is taken down, and the promise rejected with `AbortedError`. */
  readonly signal?: AbortSignal;
}

/** What `down` is asked for. */
export interface DownOptions extends SandboxOptions {
  /** Whether the cluster's data and certificates are removed as well. Default: true. */
  readonly wipe?: boolean;
  /** Where the work is told of. Default: nowhere. */
  readonly progress?: Progress;
}
