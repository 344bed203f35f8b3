/** One of the two ways in which the program's resources get to the cluster: Pulumi's engine, or kubectl and helm. */
export interface Way {
  /** Says plainly which way it is. */
  readonly description: string;
  /** Brings everything up with this weight; gives the address to call. */
  bringUp(weight: number): Promise<string>;
  /** Sets the weight in the config and shows what that would change. */
  preview(weight: number): Promise<void>;
  /** Moves the traffic to the weight that was set. */
  move(): Promise<Moved>;
  /** How to go on by hand, one command a line; `option` is what the demo was called with. */
  goOn(weight: number, option: string): string[];
}

/** What moving the traffic took. */
export interface Moved {
  /** When the new routing was in the cluster, on the clock of `performance.now()`. */
  routedAt: number;
  /** What was changed, for people. */
  changes: string;
}
