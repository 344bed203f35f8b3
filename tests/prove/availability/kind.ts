import type { Engine } from "../../../sandbox/engine/engine";
import type { SharedMesh } from "../../e2e/support/mesh";
import type { LoadTarget } from "./load/load";

/** The environment of the changes. */
export interface Place {
  engine: Engine;
  mesh: SharedMesh;
}

/** One kind of change, made repeatedly under load. */
export interface Kind {
  /** Its name on the command line and in the results. */
  name: string;
  /** What it changes, for the table. */
  changes: string;
  /** The minimum number of repetitions. @default 10 */
  repetitions?: number;
  /** Brings up the app, before there are requests. */
  open(place: Place): Promise<Subject>;
}

/** An app under load. */
export interface Subject extends LoadTarget {
  /** Makes the changes of one repetition, numbered from 1; returns how many `up`s that took. */
  repeat(round: number): Promise<number>;
  /** The warnings of the `up`s, each once. */
  readonly warnings: ReadonlySet<string>;
  /** Removes everything. */
  close(): Promise<void>;
}
