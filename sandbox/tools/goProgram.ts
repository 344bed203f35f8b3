import type { ModulePatch } from "./goPatch";

/** Programs that are built from one of the sandbox's own Go modules. */
export interface GoProgram {
  /** The tool's name, for progress and errors. */
  name: string;
  /** The module's folder. */
  module: string;
  /** The file in that folder to use as go.mod, e.g. `earlier.mod`, and `earlier.sum` as go.sum. Default: go.mod. */
  requirements?: string;
  /** What to build, as an argument of `go build`: "." or an import path of a required module. */
  package: string;
  /** Build tags. */
  tags: readonly string[];
  /** Variables that the linker sets: import path and name → value. */
  stamps: Readonly<Record<string, string>>;
  /** A required module that is built from a changed copy. Default: all are built as they are published. */
  patch?: ModulePatch;
}

/** The name of the file in the module's folder that is used as go.mod. */
export function requirementsOf({ requirements = "go.mod" }: Pick<GoProgram, "requirements">): string {
  return requirements;
}
