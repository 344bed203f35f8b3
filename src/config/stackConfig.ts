import { readConfigFile } from "./configFile";
import type { ConfigSource } from "./configText";
import type { ConfigValues } from "./configValues";
import type { Project } from "./project";

/** What a stack's config says, as data. Values that are secret are `UNKNOWN` (validation/unknown). */
export interface StackConfig {
  /** The project's name, which its keys start with. */
  project: string;
  /** What the stack itself sets, by full key. */
  values: ConfigValues;
  /** What the project's Pulumi.yaml has for keys that the stack does not set, by full key. @default nothing */
  defaults?: ConfigValues;
  /** The text of the stack's file. @default the data is all there is */
  text?: string;
  /** How the stack's file spells keys. @default the data is all there is */
  sourceOf?(keys: readonly string[]): ConfigSource;
}

/** The config of a project's stack, as its file has it now. */
export async function readStackConfig(project: Project, stack: string): Promise<StackConfig> {
  const file = await readConfigFile(project.configFile(stack), project.name);
  return {
    project: project.name,
    values: file.values(),
    defaults: project.defaults,
    text: file.text,
    sourceOf: (keys) => file.sourceOf(keys),
  };
}
