import { randomUUID } from "node:crypto";
import { open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { ConfigFileError } from "./configDocument";
import { type ConfigSource, ConfigText } from "./configText";
import type { ConfigValues } from "./configValues";

/**
 * Reads a stack's config file. One that is not there has no values.
 *
 * @param project The project's name: keys without `:` are its own.
 * @throws ConfigFileError that names the file and what is wrong with it.
 */
export async function readConfigFile(path: string, project: string): Promise<ConfigText> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") {
      throw error;
    }
    return "";
  });
  return naming(path, () => {
    checkJson(path, text);
    return new ConfigText(text, project);
  });
}

/**
 * Writes values into a stack's config file; null takes a key away. Everything else stays as it is, also what another
 * process writes at the same time. A reader sees the file before or after it, never in between; after a crash, too.
 *
 * @param source How keys were spelt: a value that is equal to what it was then is spelt like that again.
 * @throws ConfigFileError that names the file, if the values cannot be written without changing others.
 */
export async function writeConfigFile(
  path: string,
  project: string,
  values: ConfigValues,
  source?: ConfigSource,
): Promise<void> {
  const file = await realpath(path).catch(() => path); // the file that a link leads to is replaced, not the link
  for (;;) {
    const before = await readConfigFile(file, project);
    const ground = before.text === "" && isJson(file) ? new ConfigText(EMPTY_JSON, project) : before;
    const written = naming(path, () => ground.with(values, source));
    const edited = written === EMPTY_JSON ? before.text : written;
    if (edited === before.text || (await replaceFile(file, before.text, edited))) {
      return;
    }
  }
}

/** Replaces a file that still has the text it had; tells whether it did. A file without text is none. */
async function replaceFile(path: string, before: string, after: string): Promise<boolean> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    const mode = await stat(path).then(
      ({ mode: bits }) => bits & 0o777,
      () => 0o644,
    );
    const handle = await open(temporary, "w", mode);
    try {
      await handle.writeFile(after);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if ((await readFile(path, "utf8").catch(() => "")) !== before) {
      return false;
    }
    await (after === "" ? rm(path, { force: true }) : rename(temporary, path));
    return true;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** What the first values are written into. */
const EMPTY_JSON = '{\n    "config": {}\n}\n';

function isJson(path: string): boolean {
  return extname(path) === ".json";
}

/** The file of a project that is kept as JSON has no more of YAML than JSON has. */
function checkJson(path: string, text: string): void {
  if (isJson(path) && text !== "") {
    try {
      JSON.parse(text.replace(/^\ufeff/, ""));
    } catch (error) {
      throw new ConfigFileError(`is not valid JSON: ${(error as Error).message}`);
    }
  }
}

function naming<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof ConfigFileError ? new ConfigFileError(`${path} ${error.message}`) : error;
  }
}
