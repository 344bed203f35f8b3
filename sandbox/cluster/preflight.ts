import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { requireImageSources } from "../images";
import type { Progress } from "../progress";
import {
  cacheFolder,
  currentPlatform,
  ensureIp,
  findProgram,
  hasDebianPackages,
  requireCertificates,
  requireGo,
  requirePip,
  toolFolder,
  InterruptedError,
  ToolError,
} from "../tools";
import { hierarchiesOf, type Hierarchies } from "./cgroups";
import { PreflightError } from "./errors";
import { execute } from "./execute";
import { MESH_IMAGES } from "./parts";
import { pathsOf, stateFolder } from "./paths";
import { PRIVATE_FOLDERS } from "./plan";
import { BRIDGE_FILE } from "./settings";

/** What `shortcomings` checks; the defaults are this machine and this process. */
export interface Machine {
  readonly system: string;
  readonly processor: string;
  readonly userId: number | undefined;
  /** The PATH that programs are looked for in. */
  readonly path: string;
  /** Whether a missing program can be extracted from Debian's packages. */
  readonly packages: boolean;
  /** Whether bridged packets can be made to pass iptables without a module being loaded first. */
  readonly bridged: boolean;
  /** Folders that the sandbox writes to: the variable that moves it, and its path. */
  readonly folders: readonly { readonly variable: string; readonly path: string }[];
  /** Content of `/proc/self/mountinfo`. */
  readonly mountinfo: string;
  /** Names of the controllers of the root cgroup; checked only in version 2. */
  readonly controllers: readonly string[];
  /** The longest path of a socket that the sandbox will have. */
  readonly socket: string;
}

/**
 * Programs of the system that the sandbox runs, the package that usually contains them, and where they are not needed.
 */
const PROGRAMS: readonly {
  readonly name: string;
  readonly from: string;
  readonly unless?: (machine: Machine) => boolean;
}[] = [
  { name: "ip", from: "iproute2", unless: ({ packages }) => packages },
  { name: "modprobe", from: "kmod", unless: ({ bridged }) => bridged },
  { name: "nsenter", from: "util-linux" },
  { name: "unshare", from: "util-linux" },
  { name: "mount", from: "util-linux" },
];

/** What the kubelet needs, by version of the cgroups. */
const CONTROLLERS = {
  1: ["cpu", "cpuacct", "cpuset", "devices", "freezer", "memory", "pids"],
  2: ["cpu", "cpuset", "memory", "pids"],
} as const;

/** The kernel's limit for a Unix socket's path. */
const LONGEST_SOCKET = 107;

const OWN_CLUSTER =
  "Or use a cluster of your own instead: any kubeconfig context works, e.g. `KUBECONFIG=… npm run demo -- --context NAME`.";

/** What this machine lacks, and what to do about each; empty if it can run a sandbox, as far as that can be checked. */
export function shortcomings(machine: Machine): string[] {
  try {
    currentPlatform(machine.system, machine.processor);
  } catch (error) {
    return [(error as Error).message]; // nothing else would make sense there
  }
  const found: string[] = [];
  if (machine.userId !== 0) {
    found.push("Namespaces, cgroups and network devices can be made by root only: run it as root, or with `sudo -E`.");
  }
  const missing = PROGRAMS.filter(({ name, unless }) => !findProgram(name, machine.path) && !unless?.(machine));
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(({ from }) => from))].join(", ");
    found.push(
      `Not on PATH: ${missing.map(({ name }) => name).join(", ")}. Install the packages they are in (mostly called ${packages}).`,
    );
  }
  for (const { variable, path } of machine.folders) {
    const hidden = PRIVATE_FOLDERS.find((folder) => path === folder || path.startsWith(`${folder}/`));
    if (hidden)
      found.push(
        `${path} cannot be seen in the node, which has a ${hidden} of its own: set ${variable} to a folder elsewhere.`,
      );
  }
  if (Buffer.byteLength(machine.socket) > LONGEST_SOCKET) {
    found.push(
      `The socket ${machine.socket} has a longer path than the kernel allows (${LONGEST_SOCKET} bytes): set XDG_STATE_HOME to a folder with a shorter path.`,
    );
  }
  found.push(...cgroupShortcomings(machine));
  return found;
}

/**
 * Checks that this machine can run the sandbox, and tries what only a trial can show: namespaces, an overlay mount, a
 * pair of network devices and a bridge, all in namespaces that end with the trial.
 * @param mesh whether Istio's parts will be needed, too
 * @throws PreflightError naming everything that is missing, and how to do without a sandbox
 */
export async function preflight(name: string, mesh: boolean, progress: Progress): Promise<void> {
  const machine = thisMachine(name);
  const found = shortcomings(machine);
  if (isSupported(machine)) found.push(...(await missingSources(mesh)));
  if (found.length === 0) found.push(...(await trial(await ensureIp(progress))));
  if (found.length > 0)
    throw new PreflightError(
      `A sandbox cannot run here:\n${found.map((one) => `- ${one}`).join("\n")}\n${OWN_CLUSTER}`,
    );
}

function thisMachine(name: string): Machine {
  return {
    system: process.platform,
    processor: process.arch,
    userId: process.getuid?.(),
    path: process.env.PATH ?? "",
    packages: hasDebianPackages(),
    bridged: existsSync(BRIDGE_FILE),
    folders: [
      { variable: "XDG_STATE_HOME", path: stateFolder() },
      { variable: "XDG_CACHE_HOME", path: cacheFolder() },
    ],
    mountinfo: existsSync("/proc/self/mountinfo") ? readFileSync("/proc/self/mountinfo", "utf8") : "",
    controllers: existsSync("/sys/fs/cgroup/cgroup.controllers")
      ? readFileSync("/sys/fs/cgroup/cgroup.controllers", "utf8").trim().split(/\s+/)
      : [],
    socket: `${pathsOf(name).containerdSocket}.ttrpc`,
  };
}

function cgroupShortcomings(machine: Machine): string[] {
  let tree: Hierarchies;
  try {
    tree = hierarchiesOf(machine.mountinfo);
  } catch (error) {
    return [(error as Error).message];
  }
  const there =
    tree.version === 2
      ? machine.controllers
      : tree.mounts.flatMap((mount) => mount.slice(mount.lastIndexOf("/") + 1).split(","));
  const lacking = CONTROLLERS[tree.version].filter((controller) => !there.includes(controller));
  if (lacking.length === 0) return [];
  return [
    `The cgroups (version ${tree.version}) lack the controllers ${lacking.join(", ")}; in a container, it must see the machine's own cgroups.`,
  ];
}

/** What is missing to build and fetch the parts that are not in the cache. */
async function missingSources(mesh: boolean): Promise<string[]> {
  const isThere = (tool: "kube" | "envoy"): boolean => existsSync(toolFolder(tool));
  const checks: (() => unknown)[] = [
    () => isThere("kube") || requireGo({ name: "kube", module: join(__dirname, "..", "go", "kube") }),
    () => isThere("kube") || requireCertificates(),
    () => toolFolder("node-programs"),
    () => mesh && requireImageSources(MESH_IMAGES),
    () => mesh && !isThere("envoy") && requirePip(),
  ];
  const found: string[] = [];
  for (const check of checks) {
    try {
      await check();
    } catch (error) {
      if (!(error instanceof ToolError) || error instanceof InterruptedError) throw error;
      found.push(error.message);
    }
  }
  return found;
}

function isSupported({ system, processor }: Machine): boolean {
  try {
    currentPlatform(system, processor);
    return true;
  } catch {
    return false;
  }
}

/** The trials, and what their failures mean. (Without -n, `mount` creates a folder /run/mount on the machine.) */
const TRIALS: readonly { readonly command: string; readonly meaning: string }[] = [
  {
    command: "mount -n -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged",
    meaning:
      "overlay mounts on the file system of XDG_STATE_HOME (kernel module overlay; not on top of another overlay)",
  },
  { command: "ip link add one type veth peer name two", meaning: "pairs of network devices (kernel module veth)" },
  { command: "ip link add three type bridge", meaning: "network bridges (kernel module bridge)" },
];

async function trial(env: NodeJS.ProcessEnv): Promise<string[]> {
  const root = stateFolder();
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(root, ".trial-"));
  const script = [
    'cd "$1"',
    "mkdir lower upper work merged",
    ...TRIALS.map(({ command }, i) => `${command} >/dev/null 2>"${i}.error" && rm "${i}.error"`),
    "true",
  ];
  try {
    await execute(
      "trying namespaces",
      [
        "unshare",
        "--net",
        "--ipc",
        "--mount",
        "--pid",
        "--fork",
        "--mount-proc",
        "sh",
        "-c",
        script.join("\n"),
        "sh",
        folder,
      ],
      { env },
    );
    const failed = TRIALS.map(({ meaning }, i) => ({ meaning, file: join(folder, `${i}.error`) })).filter(({ file }) =>
      existsSync(file),
    );
    return failed.map(
      ({ meaning, file }) =>
        `The kernel does not allow ${meaning}: ${readFileSync(file, "utf8").trim() || "no reason given"}.`,
    );
  } catch (error) {
    return [
      `The kernel does not allow namespaces (in a container, it takes a privileged one): ${(error as Error).message}`,
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
