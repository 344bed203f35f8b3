import { access } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { ConfigValues } from "../config/configValues";
import { programFile } from "../config/programFile";
import { type Project, readProject } from "../config/project";
import { readStackConfig } from "../config/stackConfig";
import { isKnown } from "../validation/unknown";
import { loadAnew, prepareLoader } from "./programLoader";
import { type Recording, record } from "./recorder";
import { CLOSED_SECRET } from "./secretMark";

/**
 * Records what the program of a Pulumi project would register with a stack's config, without an engine.
 *
 * @param folder The project's folder, with its Pulumi.yaml. Its program must be CommonJS, or TypeScript.
 * @param stack The stack's name, for the program to ask.
 * @param config The stack's config by full key, structured values as data; the project's defaults fill in the rest.
 */
export async function recordProgram(folder: string, stack: string, config: ConfigValues): Promise<Recording> {
  return recordWith(await readProject(folder), stack, config);
}

/**
 * Records the program with what a stack's config file says. Secrets stay closed: in their place the program gets
 * `[secret]`.
 *
 * @param folder The project's folder.
 * @param stack The stack's name.
 * @throws Error if the stack has no config file: a name that was mistyped would be a stack without config
 */
export async function recordStack(folder: string, stack: string): Promise<Recording> {
  const project = await readProject(folder);
  const file = project.configFile(stack);
  await access(file).catch(() => {
    throw new Error(
      `there is no ${file}: name another stack, or make this one with \`pulumi stack init\`. A config that Pulumi Cloud keeps (\`pulumi stack init --remote-config\` or \`--esc-config\`) cannot be read without the engine`,
    );
  });
  const { values, elsewhere } = await readStackConfig(project, stack);
  return recordWith(project, stack, closed(values) as ConfigValues).catch((error: Error) => {
    const { environments } = elsewhere ?? {};
    throw environments === undefined
      ? error
      : new Error(
          `${error.message}\n${basename(file)} takes values from ${environments.join(", ")} of Pulumi ESC, which cannot be read without the engine: what the program needs has to be in the file`,
          { cause: error },
        );
  });
}

function recordWith(
  { folder, name, defaults, program: { main, runtime } }: Project,
  stack: string,
  config: ConfigValues,
): Promise<Recording> {
  const texts = Object.fromEntries(
    Object.entries({ ...defaults, ...config }).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
  prepareLoader(folder, runtime);
  const file = programFile(folder, main) ?? resolve(folder, main ?? "");
  return record(() => loadAnew(folder, file), { project: name, stack, config: texts });
}

function closed(value: unknown): unknown {
  if (!isKnown(value)) {
    return CLOSED_SECRET;
  }
  if (Array.isArray(value)) {
    return value.map(closed);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, closed(each)]))
    : value;
}
