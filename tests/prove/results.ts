import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const FOLDER = join(__dirname, "results");

/** Keeps raw results under a name such as `availability/weights`, in place of those of an earlier run. */
export function keepResult(name: string, result: object): void {
  const file = join(FOLDER, `${name}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
}

/** The results that are kept in a folder such as `availability`, by their names there. */
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
