import { access, readFile } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { type ParsedNode, isMap } from "yaml";
import type { ConfigValues } from "./configValues";
import { declaredDefaults } from "./declaredConfig";
import { misreadBelow } from "./misread";
import { PulumiYaml } from "./pulumiYaml";

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

/** In the order in which Pulumi looks for them. */
const NAMES = ["Pulumi.json", "Pulumi.yaml", "Pulumi.yml"];

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
  const { name, config, stackConfigDir, runtime, main } = await read(path);
  if (typeof name !== "string" || name === "") {
    throw new Error(`${path} has no name: a text is needed`);
  }
  const configFolder = typeof stackConfigDir === "string" ? stackConfigDir : typeof config === "string" ? config : ".";
  return {
    folder: dirname(path),
    name,
    defaults: naming(path, () => declaredDefaults(name, config)),
    program: { runtime, main },
    configFile: (stack) => resolve(dirname(path), configFolder, `Pulumi.${stack.split("/").at(-1)}${extname(path)}`),
  };
}

async function read(path: string): Promise<ProjectFile> {
  const text = await readFile(path, "utf8");
  return naming(path, () => parsed(text));
}

function parsed(text: string): ProjectFile {
  const yaml = new PulumiYaml(text);
  const { document } = yaml;
  const inConfig = isMap(document.contents) ? (document.contents.get("config", true) as ParsedNode | undefined) : null;
  const [wrong] = misreadBelow(inConfig ?? null, yaml).filter(({ kind, isKey }) => kind === "date" || isKey);
  if (wrong !== undefined) {
    const { source, line, column } = wrong;
    throw new Error(`${source} at line ${line}, column ${column} is not a string: write it in quotes`);
  }
  const data: unknown = document.toJS();
  return typeof data === "object" && data !== null ? data : {};
}

/** @throws Error that names the file and where it is wrong, if Pulumi would refuse it */
function naming<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new Error(`${path} is refused: ${(error as Error).message}`, { cause: error });
  }
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
