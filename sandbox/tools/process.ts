import { readFileSync } from "node:fs";

/** A process of this machine, distinguished from a later one with the same id. */
export interface ProcessIdentity {
  pid: number;
  /** When the process started, in the kernel's ticks since boot. */
  startedAt: string;
}

/** This process. */
export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, startedAt: startOf(process.pid) ?? "" };
}

/** Whether this very process still exists. */
export function isAlive({ pid, startedAt }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // It exists, but belongs to another user.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return startOf(pid) === (startedAt || undefined);
}

function startOf(pid: number): string | undefined {
  try {
    // The command's name, in parentheses, may contain spaces: count from the end.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
