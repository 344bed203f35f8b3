import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";

/**
 * Writes a file atomically: it appears by a rename, after its content is on the disk. If the process is killed halfway,
 * the old file stays.
 */
export function writeWhole(path: string, content: string, mode = 0o600): void {
  const temporary = `${path}.new`;
  const file = openSync(temporary, "w", mode);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

/** The file's content; undefined if it is not there. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || (error as NodeJS.ErrnoException).code === "ENOTDIR")
      return undefined;
    throw error;
  }
}

/** The end of a text file, at most `lines` lines; empty if it is not there. */
export function tailOf(path: string, lines: number): string {
  return (readIfThere(path) ?? "").trimEnd().split("\n").slice(-lines).join("\n");
}
