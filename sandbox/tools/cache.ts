import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { takeLock } from "../lock";
import type { Progress } from "../progress";
import { userCache } from "../userFolders";
import { onInterrupt } from "./interrupt";
import { isAlive, thisProcess } from "./process";

/** Something that is made once and kept, in a folder named after what it is made from. */
export interface CacheEntry {
  /** The part of the cache: "tools" or "images". */
  kind: "tools" | "images";
  /** Its name there, e.g. "kube". */
  name: string;
  /** Its version, for people. */
  version: string;
  /** All that its content depends on; another input leads to another folder. */
  inputs: readonly string[];
}

/** The folder of everything the sandbox builds: `$XDG_CACHE_HOME/canary-sandbox`, by default in `~/.cache`. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(userCache(env), "canary-sandbox");
}

/** The folder that the entry has, or will have once it is made. */
export function entryFolder(entry: CacheEntry): string {
  const hash = createHash("sha256");
  for (const input of entry.inputs) hash.update(`${Buffer.byteLength(input)}:${input}`);
  return join(cacheFolder(), entry.kind, entry.name, `${entry.version}-${hash.digest("hex").slice(0, 12)}`);
}

/**
 * The folder of the entry, which is made first if it does not exist. It is made in a temporary folder and then renamed,
 * so whatever exists under its name is complete. If several processes want the same entry, one makes it, and the others
 * wait and say so. Remains of dead processes are removed.
 * @param make fills the folder it is given; it may leave nothing running that writes there
 */
export async function cached(
  entry: CacheEntry,
  progress: Progress,
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = entryFolder(entry);
  if (existsSync(folder)) return folder;
  const shelf = join(folder, "..");
  mkdirSync(shelf, { recursive: true });
  const release = await lockOf(entry, folder, progress);
  const { pid, startedAt } = thisProcess();
  const temporary = `${folder}.tmp-${pid}-${startedAt}-${randomBytes(3).toString("hex")}`;
  const tidy = (): void => {
    release();
    try {
      // A killed compiler may go on writing for an instant.
      rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
    } catch {
      // The next process that makes this entry removes it.
    }
  };
  const dispose = onInterrupt(tidy);
  try {
    if (existsSync(folder)) return folder; // made while this process waited
    removeLeftovers(shelf);
    mkdirSync(temporary);
    await make(temporary);
    publish(temporary, folder);
    return folder;
  } finally {
    dispose();
    tidy();
  }
}

async function lockOf({ name, version }: CacheEntry, folder: string, progress: Progress): Promise<() => void> {
  let waiting: ReturnType<Progress["step"]> | undefined;
  const release = await takeLock(folder, {
    what: `making ${name} ${version}`,
    onWait: (holder) => (waiting = progress.step(`waiting for another process: ${holder}`)),
  });
  waiting?.done();
  return release as () => void; // without a signal the waiting ends with the lock
}

function publish(temporary: string, folder: string): void {
  try {
    renameSync(temporary, folder);
  } catch (error) {
    // A process in another network namespace is not kept out (see takeLock); both have made the same then.
    if (!existsSync(folder)) throw error;
  }
}

function removeLeftovers(shelf: string): void {
  for (const name of readdirSync(shelf)) {
    const maker = /\.tmp-(\d+)-(\d*)-[0-9a-f]+$/.exec(name);
    if (maker && !isAlive({ pid: Number(maker[1]), startedAt: maker[2] })) {
      rmSync(join(shelf, name), { recursive: true, force: true });
    }
  }
}
