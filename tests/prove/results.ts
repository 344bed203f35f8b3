import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const FOLDER = join(__dirname, "results");

/** Stores raw results under a name such as `availability/weights`, replacing those of an earlier run. */
export function keepResult(name: string, result: object): void {
  const file = join(FOLDER, `${name}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
}

/** The stored results in a folder such as `availability`, by name. */
export function keptResults<Result>(folder: string): Map<string, Result> {
  const path = join(FOLDER, folder);
  const files = existsSync(path)
    ? readdirSync(path)
        .filter((file) => file.endsWith(".json"))
        .sort()
    : [];
  return new Map(
    files.map((file) => [file.replace(/\.json$/, ""), JSON.parse(readFileSync(join(path, file), "utf8")) as Result]),
  );
}
