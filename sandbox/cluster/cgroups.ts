import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SandboxError } from "./errors";
import { readIfThere } from "./files";
import type { Change, Journal } from "./journal";

/** How this machine groups processes. */
export interface Hierarchies {
  /** 1: one hierarchy for each controller; 2: one for all. */
  readonly version: 1 | 2;
  /** Where they are mounted. */
  readonly mounts: readonly string[];
}

/** A sandbox's memory usage, in bytes. */
export interface MemoryUse {
  /** Everything that is charged to it, including cached files. */
  readonly total: number;
  /** The same without files that the kernel drops when it needs memory: what the kubelet counts. */
  readonly workingSet: number;
  /** The programs' own memory, without files. */
  readonly anonymous: number;
}

/** The cgroup below a sandbox's own that holds the node's programs; the pods' lie beside it. */
const LEAF = "node";

/** How long processes may take to disappear after SIGKILL. */
const REMOVAL_MS = 10_000;

/**
 * The hierarchies named in a `/proc/self/mountinfo`.
 * @throws SandboxError if there are none
 */
export function hierarchiesOf(mountinfo: string): Hierarchies {
  const mounts = mountinfo
    .trim()
    .split("\n")
    .map((line) => {
      const [before, after = ""] = line.split(" - ");
      return { at: before.split(" ")[4], type: after.split(" ")[0] };
    })
    .filter((mount) => mount.at?.startsWith("/sys/fs/cgroup"));
  const first = mounts.filter((mount) => mount.type === "cgroup").map((mount) => mount.at);
  const second = mounts.filter((mount) => mount.type === "cgroup2").map((mount) => mount.at);
  // A machine with both uses version 1's controllers. Its version 2 hierarchy has none, but runc creates the pods'
  // cgroups there as well.
  if (first.length > 0) return { version: 1, mounts: [...new Set([...first, ...second])] };
  if (second.length > 0) return { version: 2, mounts: second.slice(0, 1) };
  throw new SandboxError("No cgroups are mounted below /sys/fs/cgroup; the node needs them to run pods.");
}

/** The hierarchies of this machine. */
export function hierarchies(): Hierarchies {
  return hierarchiesOf(readFileSync("/proc/self/mountinfo", "utf8"));
}

/**
 * Creates the sandbox's cgroups: `cgroup` in each hierarchy, and in it the leaf for the node's programs. Returns the
 * files to which a process writes its id in order to enter. To be called under the machine's lock.
 */
export function makeCgroups(cgroup: string, journal: Journal, tree: Hierarchies = hierarchies()): string[] {
  return tree.mounts.map((mount) => {
    const top = join(mount, cgroup);
    const leaf = join(top, LEAF);
    if (tree.version === 2) enableControllers(mount, journal);
    journal.record({ kind: "cgroup", path: top });
    mkdirSync(top, { recursive: true });
    if (tree.version === 2) enableAll(top);
    mkdirSync(leaf, { recursive: true });
    // A new cpuset of version 1 is empty, and no process can enter it before it has processors and memory.
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
      if (tree.version === 1 && existsSync(join(mount, file))) {
        for (const folder of [top, leaf]) writeFileSync(join(folder, file), readFileSync(join(mount, file)));
      }
    }
    return join(leaf, "cgroup.procs");
  });
}

/** The files to which a process writes its id in order to enter the sandbox's cgroups, which must exist. */
export function entrancesOf(cgroup: string, tree: Hierarchies = hierarchies()): string[] {
  return tree.mounts.map((mount) => join(mount, cgroup, LEAF, "cgroup.procs"));
}

/**
 * The command, run by a process that first enters the cgroups and ends at once if one of them no longer exists: whoever
 * removes the sandbox's cgroups ends everything that was started this way.
 */
export function entering(entrances: readonly string[], command: readonly string[]): string[] {
  const enter = 'while [ "$1" != -- ]; do echo $$ > "$1"; shift; done; shift; exec "$@"';
  return ["/bin/sh", "-ec", enter, "sh", ...entrances, "--", ...command];
}

/**
 * Ends every process in the cgroup and below, and removes it. Does nothing if it does not exist.
 * @throws SandboxError if something in it cannot be ended within 10 s
 */
export async function removeCgroup(path: string): Promise<void> {
  const deadline = Date.now() + REMOVAL_MS;
  for (let pause = 2; existsSync(path); pause = Math.min(pause * 2, 50)) {
    const left = killAll(path);
    if (removeTree(path)) return;
    if (Date.now() > deadline) {
      throw new SandboxError(
        `The cgroup ${path} cannot be removed: ${left > 0 ? `${left} processes in it do not end` : "the kernel says it is in use"}. Try again.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** The sandbox's memory usage; undefined while it has no cgroup. */
export function memoryUse(cgroup: string, tree: Hierarchies = hierarchies()): MemoryUse | undefined {
  for (const mount of tree.mounts) {
    const folder = join(mount, cgroup);
    const total = readIfThere(join(folder, tree.version === 1 ? "memory.usage_in_bytes" : "memory.current"));
    if (total === undefined) continue;
    const statistics = readIfThere(join(folder, "memory.stat")) ?? "";
    const figure = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(statistics)?.[1] ?? 0);
    const [anonymous, inactive] = tree.version === 1 ? ["total_rss", "total_inactive_file"] : ["anon", "inactive_file"];
    return { total: Number(total), workingSet: Number(total) - figure(inactive), anonymous: figure(anonymous) };
  }
  return undefined;
}

/** Whether the sandbox has a cgroup in any hierarchy, and where. */
export function cgroupPaths(cgroup: string, tree: Hierarchies = hierarchies()): string[] {
  return tree.mounts.map((mount) => join(mount, cgroup)).filter((path) => existsSync(path));
}

/** Disables controllers that a sandbox enabled, unless another sandbox or cgroup uses them. */
export function disableControllers(change: Change & { kind: "controllers" }, others: readonly Change[]): void {
  const needed = new Set(
    others.flatMap((other) => (other.kind === "controllers" && other.file === change.file ? other.names : [])),
  );
  for (const name of change.names) {
    if (needed.has(name)) continue;
    try {
      writeFileSync(change.file, `-${name}`);
    } catch (error) {
      // Somebody else's cgroup has started to use it, so it stays enabled.
      if ((error as NodeJS.ErrnoException).code !== "EBUSY") throw error;
    }
  }
}

/** The controllers the kubelet asks for in version 2 must be on in the root before a child can have them. */
function enableControllers(mount: string, journal: Journal): void {
  const file = join(mount, "cgroup.subtree_control");
  const enabled = words(file);
  const missing = words(join(mount, "cgroup.controllers")).filter(
    (name) => WANTED.has(name) && !enabled.includes(name),
  );
  if (missing.length === 0) return;
  journal.record({ kind: "controllers", file, names: missing });
  for (const name of missing) writeFileSync(file, `+${name}`);
}

const WANTED = new Set(["cpu", "cpuset", "io", "memory", "hugetlb", "pids"]);

function enableAll(folder: string): void {
  for (const name of words(join(folder, "cgroup.controllers"))) {
    if (WANTED.has(name)) writeFileSync(join(folder, "cgroup.subtree_control"), `+${name}`);
  }
}

function words(file: string): string[] {
  return readFileSync(file, "utf8").trim().split(/\s+/).filter(Boolean);
}

/** Sends SIGKILL to every process in the cgroup and below; returns how many there were. */
function killAll(path: string): number {
  let count = 0;
  for (const folder of foldersBelow(path)) {
    let pids: string[];
    try {
      pids = words(join(folder, "cgroup.procs"));
    } catch {
      continue; // removed meanwhile
    }
    for (const pid of pids) {
      count++;
      try {
        // 0 stands for a process that this PID namespace cannot see; killing "0" would mean ourselves.
        if (Number(pid) > 0) process.kill(Number(pid), "SIGKILL");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    }
  }
  return count;
}

/** Removes the cgroup and all below; false if a process is still in one of them. */
function removeTree(path: string): boolean {
  for (const folder of foldersBelow(path)) {
    try {
      rmdirSync(folder);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EBUSY" || code === "ENOTEMPTY") return false;
      if (code !== "ENOENT") throw error;
    }
  }
  return true;
}

/** The folder and all below it, the deepest first. */
function foldersBelow(path: string): string[] {
  let below: string[];
  try {
    below = readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(path, entry.name));
  } catch {
    return []; // removed meanwhile
  }
  return [...below.flatMap(foldersBelow), path];
}
