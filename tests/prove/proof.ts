import type { Command } from "commander";

/** Something that is proven or measured on a sandbox of its own: one subcommand of `npm run prove`. */
export interface Proof {
  /** The subcommand. */
  name: string;
  /** What it shows, in one line for the help. */
  what: string;
  /** Declares its options, all of which have defaults. @default none */
  declare?(command: Command): void;
  /**
   * Runs it, and stores the raw results with `keepResult`.
   * @param options The options' values.
   * @returns Whether everything that is claimed holds.
   */
  run(options: Record<string, unknown>): Promise<boolean>;
  /** The file of docs/ that its table is written to. @default "proof.md" */
  document?: string;
  /** Its table in Markdown, from the stored results; undefined if there are none. @default it has no table */
  table?(): Promise<string | undefined>;
  /** Its plots as SVG, by their files in docs/, from the stored results. @default it has none */
  plots?(): Promise<ReadonlyMap<string, string>>;
}
