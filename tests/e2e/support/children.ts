import { readFileSync, readdirSync } from "node:fs";

/** A process, as the kernel tells it. */
interface Process {
  pid: number;
  parent: number;
  /**
   * The session that it belongs to. The sandbox's processes, which this one may have started, have one of their own.
   */
  session: number;
  /** The name of its program, cut to 15 letters. */
  name: string;
}

/** What compiles TypeScript for as long as this process runs. */
const COMPILER = "esbuild";

/**
 * Ends what an earlier suite has left running, a run that holds its stack for instance, with all that it has started
 * itself.
 */
export function endLeftChildren(): void {
  const all = processes();
  const session = all.find(({ pid }) => pid === process.pid)?.session;
  const left = all.filter((each) => each.parent === process.pid && each.session === session && each.name !== COMPILER);
  left.flatMap(({ pid }) => [pid, ...descendants(pid, all)]).forEach(killIfThere);
}

/**
 * Ends what still works on the stacks whose states are in a folder: what a run of tests that was killed has left
 * running is nobody's child any more.
 */
export function endWorkOn(stateFolder: string): void {
  const variable = `PULUMI_BACKEND_URL=file://${stateFolder}`;
  processes()
    .filter(({ pid }) => environmentOf(pid).includes(variable))
    .forEach(({ pid }) => killIfThere(pid));
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return []; // it has ended meanwhile, or is somebody else's
  }
}

/** The processes that a process has started, and theirs. */
export function descendants(of: number, all: readonly Process[] = processes()): number[] {
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent === of || (parent !== undefined && parent > 1 && isBelow(parent));
  };
  return [...parents.keys()].filter(isBelow);
}

/** Ends a process as the kernel does when memory runs out. */
export function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended with its parent.
  }
}

function processes(): Process[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const end = stat.lastIndexOf(")");
        const [, parent, , session] = stat.slice(end + 2).split(" ");
        const name = stat.slice(stat.indexOf("(") + 1, end);
        return [{ pid: Number(pid), parent: Number(parent), session: Number(session), name }];
      } catch {
        return []; // it has ended meanwhile
      }
    });
}
