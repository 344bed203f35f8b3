import type { Engine } from "../../../sandbox/engine/engine";
import type { SharedMesh } from "../../e2e/support/mesh";
import type { LoadTarget } from "./load/load";

/** Where everything happens. */
export interface Place {
  engine: Engine;
  mesh: SharedMesh;
}

/** One kind of change, made again and again under load. */
export interface Kind {
  /** Its name on the command line and in the results. */
  name: string;
  /** What it changes, for the table. */
  changes: string;
  /** How often at least. @default 10 */
  repetitions?: number;
  /** Brings up what requests are sent to, before there are any. */
  open(place: Place): Promise<Subject>;
}

/** An app under load. */
export interface Subject extends LoadTarget {
  /** Makes the changes of one repetition, numbered from 1; gives how many `up`s that took. */
  repeat(round: number): Promise<number>;
  /** What the `up`s warned of, each once. */
  readonly warnings: ReadonlySet<string>;
  /** Takes everything of it away. */
  close(): Promise<void>;
}
