import { readIfThere } from "./files";

/** A process of this machine, distinguished from a later one with the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the kernel's ticks since boot. */
  readonly startedAt: string;
  /** The boot that `startedAt` counts from. */
  readonly boot: string;
}

/** The process with this id; undefined if there is none, or only a zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  let stat: string | undefined;
  try {
    stat = readIfThere(`/proc/${pid}/stat`);
  } catch (error) {
    // It ended between open and read.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
  if (!stat) return undefined;
  // The command's name, in parentheses, may contain spaces: count from the end.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? undefined : { pid, startedAt: fields[19], boot: bootId() };
}

/** Whether this very process still exists. */
export function isRunning(process: ProcessIdentity | undefined): boolean {
  if (!process || process.boot !== bootId()) return false;
  return identify(process.pid)?.startedAt === process.startedAt;
}

/** Identifies the time since the machine was last booted. */
export function bootId(): string {
  return (readIfThere("/proc/sys/kernel/random/boot_id") ?? "unknown").trim();
}
