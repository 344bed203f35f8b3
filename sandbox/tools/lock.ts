import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** Who holds a lock: a process of this machine. */
export interface Holder {
  pid: number;
  /** When the process started, in the kernel's ticks since boot: a pid is given out again, this is not. */
  startedAt: string;
}

/** How often a held lock is looked at. */
const POLL_MS = 200;

/** This process, as a lock names it. */
export function self(): Holder {
  return { pid: process.pid, startedAt: startOf(process.pid) ?? "" };
}

/** Whether the process is still there. */
export function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // It is there, but another user's.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return startOf(holder.pid) === (holder.startedAt || undefined);
}

/**
 * Takes the lock file `path`, waiting for a living holder to let it go; a dead holder's lock is broken. Returns
 * the function that lets it go.
 *
 * It saves doing work twice and guards nothing else: two that break a dead holder's lock in the same instant
 * could both come to hold it, so what is made under it must still be published in one atomic step.
 * @param onWait called once, with the holder, before waiting
 */
export async function takeLock(path: string, onWait: (holder: Holder) => void): Promise<() => void> {
  const own = `${path}.${process.pid}-${randomBytes(4).toString("hex")}`;
  writeFileSync(own, JSON.stringify(self()));
  let waiting = false;
  try {
    for (;;) {
      try {
        // A link appears with its content, so no one ever reads an empty lock.
        linkSync(own, path);
        return () => rmSync(path, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const holder = readHolder(path);
      if (holder && !isAlive(holder)) breakLock(path, holder, own);
      else if (holder) {
        if (!waiting) onWait(holder);
        waiting = true;
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    }
  } finally {
    rmSync(own, { force: true });
  }
}

function breakLock(path: string, dead: Holder, own: string): void {
  const aside = `${own}.broken`;
  try {
    renameSync(path, aside);
  } catch {
    return; // another one was faster
  }
  const taken = readHolder(aside);
  // Between the look and the rename another may have broken it and taken it: give it back.
  if (taken && (taken.pid !== dead.pid || taken.startedAt !== dead.startedAt)) {
    try {
      linkSync(aside, path);
    } catch {
      // A third has it by now.
    }
  }
  rmSync(aside, { force: true });
}

/** The lock's holder; undefined if there is no lock. What cannot be read counts as a dead holder's. */
function readHolder(path: string): Holder | undefined {
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  try {
    const holder = JSON.parse(content) as Partial<Holder>;
    if (typeof holder.pid === "number" && typeof holder.startedAt === "string")
      return { pid: holder.pid, startedAt: holder.startedAt };
  } catch {
    // Written by something else.
  }
  return { pid: 2 ** 30, startedAt: "unreadable" };
}

function startOf(pid: number): string | undefined {
  try {
    // The command's name, in parentheses, may hold spaces: count from behind it.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
