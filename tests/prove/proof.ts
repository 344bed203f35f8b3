import type { Command } from "commander";

/** Something that is proven, or measured, on a sandbox of its own: one subcommand of `npm run prove`. */
export interface Proof {
  /** The subcommand. */
  name: string;
  /** What it shows, in one line of the help. */
  what: string;
  /** Declares its options, all of which have defaults. @default none */
  declare?(command: Command): void;
  /**
   * Does it, and keeps the raw results with `keepResult`.
   *
   * @param options The options' values.
   * @returns Whether all of it holds.
   */
  run(options: Record<string, unknown>): Promise<boolean>;
  /** Which file of docs/ its table is in. @default "proof.md" */
  document?: string;
  /** Its table in Markdown, from the kept results; undefined where there are none. @default it has no table */
  table?(): Promise<string | undefined>;
  /** Its plots as SVG by their files in docs/, from the kept results. @default it has none */
  plots?(): Promise<ReadonlyMap<string, string>>;
}
