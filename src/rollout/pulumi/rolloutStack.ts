import type { ConfigSource } from "../../config/configText";
import type { ConfigValues } from "../../config/configValues";
import type { Weights } from "../weights";

/** An app's shares. */
export interface AppWeights {
  app: string;
  namespace: string;
  weights: Weights;
}

/** The stack whose config a run changes. */
export interface RolloutStack {
  readonly name: string;
  /**
   * Writes these values into the stack's config; null takes a key away, and the rest of it stays. `source` is how keys
   * were spelt.
   */
  write(values: ConfigValues, source?: ConfigSource): Promise<void>;
  /**
   * Brings the cluster to what the config says.
   *
   * @param signal Ends it early, in order: what is being done to a resource is waited for or cancelled, and kept in the
   *   state.
   * @throws UpError
   */
  up(signal: AbortSignal, options?: UpOptions): Promise<void>;
  /**
   * In what the config or the last `up` differs from this, for people; undefined if in nothing.
   *
   * @param weights The shares of the run's own app.
   * @param others Those of the apps that take the same steps. @default there are none
   */
  difference(config: ConfigValues, weights: Weights, others?: readonly AppWeights[]): Promise<string | undefined>;
}

/** How the cluster is brought to what the config says. */
export interface UpOptions {
  /** Whether the objects are looked at first, and not only the state. @default false */
  refresh?: boolean;
}

/** Why an `up` did not come to its end. */
export const UpErrorKind = {
  /** Another update has the stack, or the cluster or the backend cannot be reached: worth another try. */
  Passing: "passing",
  /** It was ended early. */
  Cancelled: "cancelled",
  /** Something in it failed. */
  Broken: "broken",
} as const;
export type UpErrorKind = (typeof UpErrorKind)[keyof typeof UpErrorKind];

/** An `up` that did not come to its end. */
export class UpError extends Error {
  constructor(
    readonly kind: UpErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "UpError";
  }
}
