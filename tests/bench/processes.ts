import { readdirSync, readFileSync } from "node:fs";

const TICKS = 100;

/** The processor time that a process has taken so far, in seconds. */
export function cpuSeconds(pid: number): number {
  const fields = statOf(pid) ?? [];
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS;
}

/** The memory that a process has at the moment, in MB; 0 if it is gone. */
export function memoryMb(pid: number): number {
  try {
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1000);
  } catch {
    return 0;
  }
}

/** What a process is called. */
export function programOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}

/** The processes that this one has started, and theirs, and so on; without some of them and what those have started. */
export function descendants(ancestor: number, without: readonly number[] = []): number[] {
  const parents = new Map(
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), Number(statOf(Number(name))?.[1])]),
  );
  const found = [ancestor];
  for (let next = 0; next < found.length; next++) {
    found.push(
      ...[...parents].flatMap(([pid, parent]) => (parent === found[next] && !without.includes(pid) ? [pid] : [])),
    );
  }
  return found.slice(1);
}

/** The fields of a process's state, from its third one on. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
