import { access, readFile } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { parse } from "yaml";
import type { ConfigValues } from "./configValues";

/** How a Pulumi.yaml says that its program is run. */
export interface ProgramSettings {
  runtime?: string | { name?: string; options?: { typescript?: unknown; nodeargs?: unknown } };
  /** A file or a folder, from the project's folder. @default as node finds it */
  main?: string;
}

/** What a Pulumi.yaml says. */
export interface Project {
  /** The folder of the Pulumi.yaml. */
  folder: string;
  name: string;
  /** The values of keys that a stack does not set, by full key. */
  defaults: ConfigValues;
  program: ProgramSettings;
  /** The file with a stack's own values; it need not be there. */
  configFile(stack: string): string;
}

interface ProjectFile extends ProgramSettings {
  name?: unknown;
  config?: unknown;
  stackConfigDir?: unknown;
}

const NAMES = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"];

/** What a key's declaration may have; anything else in its place is the value itself. */
const DECLARATION = ["type", "description", "secret", "default", "value", "items"];

/**
 * Reads the project that a folder belongs to: that of the first Pulumi.yaml in it, or above it.
 *
 * @throws Error if there is none, or none with a name.
 */
export async function readProject(folder: string): Promise<Project> {
  const path = await projectFile(resolve(folder));
  if (path === undefined) {
    throw new Error(`no Pulumi.yaml in ${resolve(folder)} or above it: name the project's folder`);
  }
  const { name, config, stackConfigDir, runtime, main } =
    (parse(await readFile(path, "utf8")) as ProjectFile | null) ?? {};
  if (typeof name !== "string" || name === "") {
    throw new Error(`${path} has no name: a text is needed`);
  }
  const configFolder = typeof stackConfigDir === "string" ? stackConfigDir : typeof config === "string" ? config : ".";
  return {
    folder: dirname(path),
    name,
    defaults: defaultsOf(name, config),
    program: { runtime, main },
    configFile: (stack) => resolve(dirname(path), configFolder, `Pulumi.${stack.split("/").at(-1)}${extname(path)}`),
  };
}

async function projectFile(folder: string): Promise<string | undefined> {
  for (const path of NAMES.map((name) => join(folder, name))) {
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    ) {
      return path;
    }
  }
  return dirname(folder) === folder ? undefined : projectFile(dirname(folder));
}

function defaultsOf(project: string, config: unknown): ConfigValues {
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    return {};
  }
  const values = Object.entries(config).map(
    ([key, declared]) => [key.includes(":") ? key : `${project}:${key}`, valueOf(declared)] as const,
  );
  return Object.fromEntries(values.filter(([, value]) => value !== undefined && value !== null));
}

function valueOf(declared: unknown): unknown {
  if (
    typeof declared !== "object" ||
    declared === null ||
    Array.isArray(declared) ||
    !Object.keys(declared).some((name) => DECLARATION.includes(name))
  ) {
    return declared;
  }
  const { value, default: otherwise } = declared as { value?: unknown; default?: unknown };
  return value ?? otherwise;
}
