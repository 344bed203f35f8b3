import { access } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import type { ConfigValues } from "../config/configValues";
import { entryFile } from "../config/programFile";
import { type Project, readProject } from "../config/project";
import { readStackConfig } from "../config/stackConfig";
import { replaceWithin } from "../internal/objects";
import { isKnown } from "../validation/unknown";
import { prepareLoader, runAnew } from "./programLoader";
import { located } from "./programFailure";
import { type Recording, record } from "./recorder";
import { CLOSED_SECRET } from "./secretMark";

/**
 * Records what the program of a Pulumi project would register with a stack's config, without an engine: as a preview of
 * a stack that has nothing yet.
 *
 * @param folder The project's folder, with its Pulumi.yaml. Its program is JavaScript or TypeScript, CommonJS or ES
 *   modules.
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
      : Object.assign(error, {
          message: `${error.message}\n${basename(file)} takes values from ${environments.join(", ")} of Pulumi ESC, which cannot be read without the engine: what the program needs has to be in the file`,
        });
  });
}

async function recordWith(
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
  const file = entryFile(folder, main);
  if (file === undefined) {
    throw new Error(`there is no program at ${resolve(folder, main ?? "")}: name its file as \`main\` in Pulumi.yaml`);
  }
  return inFolder(main === undefined ? folder : dirname(file), async () => {
    await prepareLoader(folder, file, runtime);
    const options = { project: name, stack, config: texts, preview: true };
    return record(() => runAnew(folder, file), options).catch((error: Error) => {
      throw located(error, folder);
    });
  });
}

/** The work that is done in a folder of its own; what comes next waits for it. */
let working: Promise<unknown> = Promise.resolve();

/**
 * Does work in the folder in which Pulumi would start the program: it may read files by names relative to it. A process
 * has one working folder, so one work is done after the other.
 */
function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const done = working.then(async () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      return await work();
    } finally {
      process.chdir(before);
    }
  });
  working = done.catch(() => undefined);
  return done;
}

function closed(value: unknown): unknown {
  return replaceWithin(value, (each) => (isKnown(each) ? each : CLOSED_SECRET));
}
