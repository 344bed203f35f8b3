import type { Gate } from "../gates/gate";
import type { AppSelection } from "../plan/appState";
import type { RolloutSettings } from "../plan/settings";
import type { MetricsSource } from "../metrics/source";
import type { Clock } from "./clock";
import type { RolloutEvent } from "./event";
import type { StackSelection } from "./stackContext";

/** Which stack a run is of, and what it can be given. */
export type RolloutOptions = StackSelection & RunOptions;

/** What a run can be given. */
export interface RunOptions {
  /** Over the settings that the stack's config holds under `rollout`. @default nothing */
  settings?: RolloutSettings;
  /** Where the program keeps what a rollout needs to know, if it is not as this repository's program does. */
  appSelection?: AppSelection;
  /** Who runs it, for people and for the journal. @default the user's name and the host's */
  by?: string;
  /** Told of every event, in order, once it is in the journal. What it throws is passed over. */
  listener?(event: RolloutEvent): void;
  /**
   * Gates of the caller's own, beside those of the settings. A run that is resumed needs them again, under the same
   * names.
   */
  gates?: readonly Gate[];
  /** Where metrics come from, in place of the one that the settings name. */
  source?: MetricsSource;
  /** @default the system's */
  clock?: Clock;
}
