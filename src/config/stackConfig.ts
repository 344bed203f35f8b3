import { readConfigFile } from "./configFile";
import type { ConfigSource } from "./configText";
import type { ConfigValues } from "./configValues";
import type { Misread } from "./misread";
import type { Project } from "./project";

/** What a stack's config says, as data. Values that are secret are `UNKNOWN` (validation/unknown). */
export interface StackConfig {
  /** The project's name, which is the prefix of its keys. */
  project: string;
  /** The values that the stack itself sets, by full key. */
  values: ConfigValues;
  /** The project's defaults in Pulumi.yaml for keys that the stack does not set, by full key. @default nothing */
  defaults?: ConfigValues;
  /** The text of the stack's file. @default there is only the data */
  text?: string;
  /** How the stack's file spells keys. @default there is only the data */
  sourceOf?(keys: readonly string[]): ConfigSource;
  /** The parts of a key's value that are not read as the text that they look like. @default there is only the data */
  misread?(key: string): Misread[];
  /** Where values may be that are not in the file. @default nowhere */
  elsewhere?: Elsewhere;
}

/** Where Pulumi may keep a stack's config, if not, or not only, in the stack's file. */
export interface Elsewhere {
  /** The stack's file, which need not be there. */
  file: string;
  /** The environments of Pulumi ESC that the file takes values from; undefined if there is no file. */
  environments?: readonly string[];
}

/** The config of a project's stack, as its file has it now. */
export async function readStackConfig(project: Project, stack: string): Promise<StackConfig> {
  const path = project.configFile(stack);
  const file = await readConfigFile(path, project.name);
  return {
    project: project.name,
    values: file.values(),
    defaults: project.defaults,
    text: file.text,
    sourceOf: (keys) => file.sourceOf(keys),
    misread: (key) => file.misread(key),
    elsewhere: elsewhereOf(path, file),
  };
}

function elsewhereOf(
  file: string,
  { text, environment }: { text: string; environment: unknown },
): Elsewhere | undefined {
  if (text === "") {
    return { file };
  }
  const environments = environmentsIn(environment);
  return environments.length === 0 ? undefined : { file, environments };
}

/** By name; one that is defined in the file itself is what it imports. */
function environmentsIn(environment: unknown): string[] {
  if (Array.isArray(environment)) {
    return environment.map((each) => (typeof each === "string" ? each : Object.keys((each ?? {}) as object).join()));
  }
  if (typeof environment !== "object" || environment === null) {
    return [];
  }
  const { imports } = environment as { imports?: unknown };
  return Array.isArray(imports) ? environmentsIn(imports) : ["its own"];
}
