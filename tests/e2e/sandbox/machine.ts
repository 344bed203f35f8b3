import { execFileSync, spawnSync } from "node:child_process";
import { type Dirent, existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/**
 * Everything about this machine that a sandbox might leave behind, as sorted lines. What belongs to other
 * sandboxes, which may come and go meanwhile, is left out.
 * @param own the names of the sandboxes whose traces are looked for
 * @param env what `iptablesSave` needs
 * @param ipEnv an environment in which `ip` is found
 */
export function snapshot(
  own: readonly string[],
  iptablesSave: string,
  env: NodeJS.ProcessEnv,
  ipEnv: NodeJS.ProcessEnv,
): Record<string, string[]> {
  const foreign = otherSandboxes(own);
  const notForeign = (line: string): boolean =>
    !foreign.some((name) => new RegExp(`\\b(sb|canary-sandbox)-${name}(?![a-z0-9-])`).test(line));
  const ip = (...args: string[]): string => execFileSync("ip", args, { encoding: "utf8", env: ipEnv });
  const lines = (output: string): string[] =>
    output
      .split("\n")
      .filter((line) => line && notForeign(line))
      .sort();
  return {
    mounts: lines(readFileSync("/proc/self/mounts", "utf8")),
    cgroups: lines(controlGroups()),
    links: lines(ip("-oneline", "link")).map((line) => line.replace(/^\d+: /, "")),
    addresses: lines(ip("-oneline", "address")).map((line) => line.replace(/^\d+: /, "").replace(/valid_lft.*/, "")),
    routes: lines(ip("route", "show", "table", "all")),
    rules: lines(ip("rule")),
    iptables: lines(execFileSync(iptablesSave, { encoding: "utf8", env: { ...process.env, ...env } })).filter(
      (line) => !line.startsWith("#"),
    ),
    settings: settings("/proc/sys", foreign),
    folders: ["/etc", "/opt", "/run", "/usr/libexec", "/var/lib", "/var/log", "/var/run", "/var/cache"]
      .flatMap((folder) => (existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []))
      .sort(),
  };
}

/** The sandboxes' control groups. `find` complains of those that go while it looks. */
function controlGroups(): string {
  const args = ["/sys/fs/cgroup", "-type", "d", "-path", "*canary-sandbox-*"];
  const { stdout, error } = spawnSync("find", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  if (error) throw error;
  return stdout;
}

const KINDS = ["net", "mnt", "pid", "ipc"] as const;

/** The namespaces that the node's first process has made: its own, and its children's PID namespace. */
export function namespacesOf(pid: number): string[] {
  const made = ["net", "mnt", "pid_for_children", "ipc"].map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`));
  return made.filter((namespace) => !KINDS.some((kind) => readlinkSync(`/proc/self/ns/${kind}`) === namespace));
}

/**
 * The processes that are in any of these namespaces or whose command line holds `text`, or matches it. Those of other
 * sandboxes are left out: the kernel gives the number of a namespace that is gone to one that comes later.
 * @param own the names of the sandboxes whose processes are looked for
 */
export function processesOf(namespaces: Iterable<string>, text: string | RegExp, own: readonly string[]): string[] {
  const wanted = new Set(namespaces);
  const found: string[] = [];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    try {
      const inside = KINDS.some((kind) => wanted.has(readlinkSync(`/proc/${pid}/ns/${kind}`)));
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      if (belongsToAnother(readFileSync(`/proc/${pid}/cgroup`, "utf8"), own)) continue;
      if (inside || (typeof text === "string" ? command.includes(text) : text.test(command)))
        found.push(`${pid} ${command.slice(0, 200)}`);
    } catch {
      // It has ended.
    }
  }
  return found;
}

/** Whether a process is one of a sandbox that is not among these, by its control groups. */
export function belongsToAnother(controlGroups: string, own: readonly string[]): boolean {
  return [...controlGroups.matchAll(/\/canary-sandbox-([a-z0-9-]+)/g)].some(([, name]) => !own.includes(name));
}

/** Counters and the like, which change by themselves. */
const VOLATILE =
  /\/(random|ns_last_pid|dentry-state|file-nr|inode-nr|inode-state|aio-nr|quota|nf_conntrack_count|pty\/nr|lockd|sched_domain|perf_event_max_sample_rate|fs-cache|cad_pid)/;

function settings(folder: string, foreign: readonly string[]): string[] {
  return entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (VOLATILE.test(path) || foreign.some((name) => entry.name === `sb-${name}`)) return [];
    if (entry.isDirectory()) return settings(path, foreign);
    try {
      return [`${path} ${readFileSync(path, "utf8").trim()}`];
    } catch {
      return []; // only for writing, or no longer there
    }
  });
}

/** None if the folder is no longer there: other sandboxes' devices come and go. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return [];
  }
}

function otherSandboxes(own: readonly string[]): string[] {
  const devices = readdirSync("/sys/class/net").filter((name) => name.startsWith("sb-"));
  const groups = readdirSync("/sys/fs/cgroup", { recursive: false }).flatMap((mount) => {
    const folder = join("/sys/fs/cgroup", String(mount));
    try {
      return readdirSync(folder).filter((name) => name.startsWith("canary-sandbox-"));
    } catch {
      return [];
    }
  });
  const names = [
    ...devices.map((name) => name.slice(3)),
    ...groups.map((name) => name.slice("canary-sandbox-".length)),
  ];
  return [...new Set(names)].filter((name) => !own.includes(name));
}
