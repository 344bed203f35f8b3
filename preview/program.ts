import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { type ProjectRuntime, loadAnew, prepareLoader } from "./programLoader";
import { type Recording, record } from "./recorder";

/** The parts of a Pulumi.yaml that say how its program runs. */
interface ProjectFile {
  name: string;
  main?: string;
  runtime?: ProjectRuntime | string;
  config?: Record<string, { default?: unknown } | null>;
}

/**
 * Records what the program of a Pulumi project would register with a stack's config, without an engine.
 *
 * @param folder The project's folder, with its Pulumi.yaml. Its program must be CommonJS, or TypeScript.
 * @param stack The stack's name, for the program to ask.
 * @param config The stack's config by full key, structured values as data; the project's defaults fill in the rest.
 */
export async function recordProgram(folder: string, stack: string, config: Readonly<Record<string, unknown>>): Promise<Recording> {
  const project = parse(await readFile(join(folder, "Pulumi.yaml"), "utf8")) as ProjectFile;
  const defaults = Object.entries(project.config ?? {}).map(([key, declared]) => [key.includes(":") ? key : `${project.name}:${key}`, declared?.default]);
  const whole = { ...Object.fromEntries(defaults.filter(([, value]) => value !== undefined)), ...config };
  const texts = Object.fromEntries(Object.entries(whole).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]));
  prepareLoader(folder, project.runtime);
  const main = mainOf(folder, project);
  return record(() => loadAnew(folder, main), { project: project.name, stack, config: texts });
}

/**
 * Records the program with what a stack's config file says. Secrets stay closed: in their place the program gets `[secret]`.
 *
 * @param folder The project's folder.
 * @param stack The stack's name; its file is `Pulumi.<stack>.yaml`, and one that is missing is an empty one.
 */
export async function recordStack(folder: string, stack: string): Promise<Recording> {
  const file = join(folder, `Pulumi.${stack.split("/").at(-1)}.yaml`);
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") {
      throw new Error(`there is no ${file}: name another stack, or make this one with \`pulumi stack init\``);
    }
    throw error;
  });
  const { config = {} } = (parse(text) ?? {}) as { config?: Record<string, unknown> };
  return recordProgram(folder, stack, Object.fromEntries(Object.entries(config).map(([key, value]) => [key, closed(value)])));
}

/** What stands for a secret where nobody may open it. */
export const CLOSED_SECRET = "[secret]";

function closed(value: unknown): unknown {
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(closed);
  }
  const fields = Object.entries(value);
  return fields.length === 1 && fields[0][0] === "secure" ? CLOSED_SECRET : Object.fromEntries(fields.map(([key, each]) => [key, closed(each)]));
}

/** As Pulumi finds it: `main` of Pulumi.yaml (a file or a folder), else that of package.json, else index. */
function mainOf(folder: string, { main = "" }: ProjectFile): string {
  const candidates = [main, join(main, "index.ts"), join(main, "index.js")].map((path) => resolve(folder, path));
  return candidates.find((path) => /\.[cm]?[jt]s$/.test(path) && existsSync(path)) ?? resolve(folder, main);
}
