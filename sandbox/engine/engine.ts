import type { PulumiCommand } from "@pulumi/pulumi/automation";

/** A Pulumi CLI that can run this project, with a Kubernetes provider. */
export interface Engine {
  /** The CLI, as the Automation API takes it. */
  command: PulumiCommand;
  /** The version of the Kubernetes provider that it uses, e.g. `4.25.0`. */
  provider: string;
  /** Where it comes from. */
  way: EngineWay;
  /** The same as text: "on PATH (…)", "built from Go modules". */
  origin: string;
  /** The environment variables with which every process finds it and its provider: `PATH` and others. */
  variables: Readonly<Record<string, string>>;
}

/** The ways to get an engine, in the order in which they are tried. */
export const ENGINE_WAYS = ["path", "installer", "build"] as const;

/** One of the ways to get an engine. */
export type EngineWay = (typeof ENGINE_WAYS)[number];
