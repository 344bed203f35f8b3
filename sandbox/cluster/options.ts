import type { Progress } from "../progress";

/** The default name of a sandbox. */
export const DEFAULT_NAME = "canary";

/** Which sandbox to use. */
export interface SandboxOptions {
  /** A DNS label of at most 10 characters, which is also the node's name. Default: "canary". */
  readonly name?: string;
}

/** The options of `up`. */
export interface UpOptions extends SandboxOptions {
  /**
   * Whether Istio's images and the demo's are built and imported, and Istio's charts and their values are written.
   * Default: true. A sandbox that is up without them gets them from another `up`.
   */
  readonly mesh?: boolean;
  /** Where progress is reported. Default: nowhere. */
  readonly progress?: Progress;
  /** Ends the work; what was started is taken down, and the promise is rejected with `AbortedError`. */
  readonly signal?: AbortSignal;
}

/** The options of `down`. */
export interface DownOptions extends SandboxOptions {
  /** Whether the cluster's data and certificates are removed as well. Default: true. */
  readonly wipe?: boolean;
  /** Where progress is reported. Default: nowhere. */
  readonly progress?: Progress;
}
