import { readFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { parse } from "yaml";
import { type Recording, record } from "./recorder";

/** The parts of a Pulumi.yaml that say how its program runs. */
interface ProjectFile {
  name: string;
  main?: string;
  config?: Record<string, { default?: unknown }>;
}

/**
 * Records what the program of a Pulumi project would register with a stack's config, without an engine.
 *
 * @param folder The project's folder, with its Pulumi.yaml. Its program must be CommonJS, or TypeScript in a process that loads it.
 * @param stack The stack's name, for the program to ask.
 * @param config The stack's config by full key, structured values as data; the project's defaults fill in the rest.
 */
export async function recordProgram(folder: string, stack: string, config: Readonly<Record<string, unknown>>): Promise<Recording> {
  const project = parse(await readFile(join(folder, "Pulumi.yaml"), "utf8")) as ProjectFile;
  const defaults = Object.entries(project.config ?? {}).map(([key, { default: value }]) => [key.includes(":") ? key : `${project.name}:${key}`, value]);
  const whole = { ...Object.fromEntries(defaults.filter(([, value]) => value !== undefined)), ...config };
  const texts = Object.fromEntries(Object.entries(whole).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]));
  const main = join(folder, project.main ?? "index.ts");
  return record(() => loadAnew(folder, main), { project: project.name, stack, config: texts });
}

/** Loads a program as if for the first time: a program works while it is loaded, and modules are loaded once. */
function loadAnew(folder: string, main: string): unknown {
  for (const file of Object.keys(require.cache).filter((path) => path.startsWith(folder + sep) && !path.includes(`${sep}node_modules${sep}`))) {
    if (!file.startsWith(join(__dirname, sep))) {
      delete require.cache[file];
    }
  }
  return require(main);
}
