import { isDeepStrictEqual } from "node:util";
import { hasUnknown, UNKNOWN } from "../validation/unknown";
import { dataOf } from "./appConfig";
import type { ConfigValues } from "./configValues";
import type { Project } from "./project";
import type { PulumiCli } from "./pulumiCli";
import { type Elsewhere, readStackConfig, type StackConfig } from "./stackConfig";

/** A stack whose config is not, or not only, in its file, so that it cannot be read or changed there. */
export class ConfigElsewhereError extends Error {
  override readonly name = "ConfigElsewhereError";
}

type Cli = Pick<PulumiCli, "ask">;

const REMOTE = "Pulumi Cloud keeps the config of stacks made with `--remote-config` or `--esc-config`";

/**
 * The config of a project's stack with what Pulumi takes from elsewhere. Pulumi is asked only where the file says so,
 * or is not there.
 *
 * @throws ConfigFileError that names the file and what is wrong with it
 * @throws ConfigElsewhereError if the values are where they cannot be read or changed
 */
export async function readWholeConfig(project: Project, stack: string, cli: Cli): Promise<StackConfig> {
  const config = await readStackConfig(project, stack);
  const { elsewhere } = config;
  if (elsewhere === undefined) {
    return config;
  }
  return elsewhere.environments === undefined
    ? unlessRemote(config, elsewhere, cli)
    : withEnvironments(config, elsewhere, cli);
}

/** What Pulumi reads under the keys of some apps. */
export interface PulumisReading {
  /** What comes before the `:` of each app's keys. */
  prefixes: readonly string[];
  /** All values by full key; secrets are `UNKNOWN`. */
  values: ConfigValues;
}

/** Asks Pulumi for it. */
export async function pulumisReading(cli: Cli, prefixes: readonly string[]): Promise<PulumisReading> {
  return { prefixes, values: await shownConfig(cli, "--open") };
}

/**
 * Makes sure, before it is changed, that a stack's file is what Pulumi reads.
 *
 * @throws ConfigElsewhereError if Pulumi has other values
 */
export function verifyReading(config: StackConfig, { prefixes, values }: PulumisReading): void {
  const read: ConfigValues = { ...config.defaults, ...config.values };
  const keys = [...new Set([...Object.keys(values), ...Object.keys(read)])].filter((key) =>
    prefixes.some((prefix) => key.startsWith(`${prefix}:`)),
  );
  const different = keys.filter((key) => !areSame(read[key], values[key])).sort();
  if (different.length > 0) {
    throw new ConfigElsewhereError(
      `Pulumi does not read ${different.join(", ")} as the stack's file has it. ${REMOTE}, and ignores the file: such a config can be changed in its environment of Pulumi ESC only. To see what Pulumi reads, run \`pulumi config\`. Nothing was changed.`,
    );
  }
}

/** Without a file there are the project's defaults, or a config that is kept remotely. */
async function unlessRemote(config: StackConfig, { file }: Elsewhere, cli: Cli): Promise<StackConfig> {
  const shown = await shownConfig(cli).catch(() => undefined); // the stack may not be made yet
  const { defaults = {} } = config;
  const remote = Object.keys(shown ?? {}).filter((key) => !areSame(defaults[key], shown?.[key]));
  if (remote.length > 0) {
    throw new ConfigElsewhereError(
      `There is no ${file}, and Pulumi has ${remote.sort().join(", ")} from elsewhere. ${REMOTE}; a rollout changes weights in the stack's file, which Pulumi would ignore. Use a stack whose config is in its file.`,
    );
  }
  return config;
}

/** What the file does not set has the environments' values, which Pulumi is asked for. */
async function withEnvironments(
  config: StackConfig,
  { file, environments = [] }: Elsewhere,
  cli: Cli,
): Promise<StackConfig> {
  const names = `${environments.length === 1 ? "the environment" : "the environments"} ${environments.join(", ")} of Pulumi ESC`;
  const shown = await shownConfig(cli, "--open").catch((error: Error) => {
    throw new ConfigElsewhereError(
      `${file} takes values from ${names}, and Pulumi cannot read them (${error.message}): log in to Pulumi Cloud, which keeps environments, or keep the config in the file`,
      { cause: error },
    );
  });
  const merged = Object.keys(config.values).filter((key) => key in shown && !areSame(config.values[key], shown[key]));
  if (merged.length > 0) {
    throw new ConfigElsewhereError(
      `${merged.sort().join(", ")} in ${file} is merged with what ${names} has under that key: keep it in one of them`,
    );
  }
  return { ...config, defaults: shown };
}

/**
 * All values by full key, as Pulumi reads them now; secrets are `UNKNOWN`.
 *
 * @param open What has environments say what they know only when they are opened.
 */
async function shownConfig(cli: Cli, ...open: "--open"[]): Promise<ConfigValues> {
  const shown = JSON.parse(await cli.ask("config", "--json", ...open)) as Record<
    string,
    { value?: string; objectValue?: unknown; secret?: boolean }
  >;
  return Object.fromEntries(
    Object.entries(shown).map(([key, { value, objectValue, secret }]) => [
      key,
      secret === true ? UNKNOWN : (objectValue ?? value),
    ]),
  );
}

/** Whether a program sees no difference. Of secrets, nothing can be told. */
function areSame(one: unknown, other: unknown): boolean {
  return hasUnknown(one) || hasUnknown(other) || isDeepStrictEqual(dataOf("", one ?? ""), dataOf("", other ?? ""));
}
