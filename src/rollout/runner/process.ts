import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** One process, told apart from a later one with the same id, and from those of other machines. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** When it started, as the system counts it; empty where that cannot be known. */
  readonly started: string;
}

/** This process. */
export function thisProcess(): ProcessIdentity {
  return { host: hostname(), pid: process.pid, started: startOf(process.pid) };
}

/** Whether that very process runs; undefined if it is another machine's, which cannot be known from here. */
export function isAlive({ host, pid, started }: ProcessIdentity): boolean | undefined {
  if (host !== hostname()) {
    return undefined;
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") {
      return false;
    }
  }
  const now = startOf(pid);
  return now === ENDED ? false : started === "" || now === started;
}

/** What `startOf` says of a process that has ended and only waits to be cleared away. */
const ENDED = "ended";

function startOf(pid: number): string {
  if (process.platform === "linux") {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // The command's name, in parentheses, may hold spaces: count from behind it.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return fields[0] === "Z"
        ? ENDED
        : `${fields[19]} ${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}`;
    } catch {
      return ENDED;
    }
  }
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}
