import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { basename, delimiter, join, relative } from "node:path";
import { release } from "node:os";
import type { Progress } from "../progress";
import { findProgram, runCommand } from "./command";
import { debianRelease, extractPackages, hasDebianPackages } from "./debian";
import { ToolError } from "./errors";
import type { Platform } from "./platform";

// The programs that a node needs besides Kubernetes itself: the container runtime, the network plugins and iptables. On
// a Debian-like system they are extracted from its packages, without being installed; elsewhere those on PATH are used.
// In both cases the tool's folder holds `bin` with the programs and `cni` with the plugins; from packages also `lib`
// with the shared libraries and `lib/xtables` with iptables' extensions.

const PACKAGES = [
  "containerd",
  "runc",
  "containernetworking-plugins",
  "busybox-static",
  "iptables",
  // The libraries that runc and iptables are linked with. Never libc6: it must match the system's dynamic linker.
  "libseccomp2",
  "libxtables12",
  "libip4tc2",
  "libip6tc2",
  "libmnl0",
  "libnftnl11",
  "libnetfilter-conntrack3",
  "libnfnetlink0",
];

const RUNTIME = ["containerd", "containerd-shim-runc-v2", "ctr", "runc"];
const IPTABLES = ["iptables", "iptables-save", "iptables-restore", "ip6tables", "ip6tables-save", "ip6tables-restore"];
const PLUGINS = ["bridge", "host-local", "loopback", "portmap"];
const PLUGIN_FOLDERS = ["/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni"];

/** Where the node's programs come from on this system, and what their folder depends on. */
export interface NodeProgramsSource {
  version: string;
  inputs: string[];
  make(folder: string, progress: Progress): Promise<void>;
}

/**
 * Decides where the node's programs come from.
 * @throws ToolError if there are no Debian packages and programs are missing on PATH; it names all of them
 */
export function nodeProgramsSource(platform: Platform): NodeProgramsSource {
  return hasDebianPackages() ? fromPackages(platform) : fromPath();
}

/**
 * The environment for a process in the node, over an environment given (default: this process's PATH and no
 * more): its PATH begins with the node's programs, and the libraries that came with them are found.
 * @param folder the folder of the tool "node-programs"
 */
export function nodeEnvironment(folder: string, env: Readonly<Record<string, string>> = {}): Record<string, string> {
  const rest = env.PATH ?? process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin";
  const whole: Record<string, string> = { ...env, PATH: [join(folder, "bin"), rest].join(delimiter) };
  const libraries = join(folder, "lib");
  if (existsSync(libraries)) {
    whole.LD_LIBRARY_PATH = libraries;
    whole.XTABLES_LIBDIR = join(libraries, "xtables");
  }
  return whole;
}

function fromPackages(platform: Platform): NodeProgramsSource {
  const system = debianRelease();
  return {
    version: system,
    // Which iptables works depends on the kernel.
    inputs: [system, platform.goarch, release(), LAYOUT, ...PACKAGES],
    async make(folder, progress) {
      const root = join(folder, "root");
      await extractPackages(PACKAGES, root, progress);
      symlinkSync(join("root", "usr", "lib", platform.libraryFolder), join(folder, "lib"));
      const bin = join(folder, "bin");
      mkdirSync(bin);
      symlinkSync(join("root", "usr", "lib", "cni"), join(folder, "cni"));
      for (const program of [...RUNTIME, "busybox"]) {
        const found = ["usr/sbin", "usr/bin", "sbin", "bin"]
          .map((part) => join(root, part, program))
          .find((path) => existsSync(path));
        if (!found)
          throw new ToolError(
            `This system's packages (${system}) do not hold the program ${program}: ${PACKAGES.join(", ")}.`,
          );
        symlinkSync(relative(bin, found), join(bin, program));
      }
      const multi = await workingIptables(join(root, "usr", "sbin"), nodeEnvironment(folder));
      for (const name of IPTABLES) symlinkSync(relative(bin, multi), join(bin, name));
    },
  };
}

/** Changed whenever the folder is laid out differently. */
const LAYOUT = "bin cni lib";

/**
 * The iptables that this kernel supports: the nf_tables one, which the pods' own iptables uses, too, or else the legacy
 * one. On all kernels that were tried both work, with every match and target that kube-proxy uses. Without root it
 * cannot be tried, and nf_tables is assumed.
 */
async function workingIptables(folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const nft = join(folder, "xtables-nft-multi");
  if (process.getuid?.() !== 0) return nft;
  const errors: string[] = [];
  for (const multi of [nft, join(folder, "xtables-legacy-multi")]) {
    try {
      // In a network namespace of its own, so that the machine's own tables are not touched.
      await runCommand(
        "trying iptables",
        [
          "unshare",
          "--net",
          multi,
          "iptables",
          "-t",
          "nat",
          "-A",
          "OUTPUT",
          "-m",
          "comment",
          "--comment",
          "x",
          "-m",
          "addrtype",
          "--dst-type",
          "LOCAL",
          "-j",
          "RETURN",
        ],
        { env },
      );
      return multi;
    } catch (error) {
      errors.push(`${basename(multi)}: ${(error as Error).message}`);
    }
  }
  throw new ToolError(
    `Services need iptables, and this kernel can neither do nf_tables nor legacy tables (modules nft_compat, ip_tables, iptable_nat, xt_addrtype).\n${errors.join("\n")}`,
  );
}

function fromPath(): NodeProgramsSource {
  const programs = [...RUNTIME, ...IPTABLES].map((name) => [name, findProgram(name)] as const);
  const plugins = PLUGIN_FOLDERS.find((folder) => PLUGINS.every((plugin) => existsSync(join(folder, plugin))));
  const missing = programs.filter(([, path]) => !path).map(([name]) => name);
  if (missing.length > 0 || !plugins) {
    const lacking = [
      ...(missing.length > 0 ? [`the programs ${missing.join(", ")} on PATH`] : []),
      ...(plugins ? [] : [`the CNI plugins ${PLUGINS.join(", ")} in one of ${PLUGIN_FOLDERS.join(", ")}`]),
    ];
    throw new ToolError(
      `The sandbox's node needs a container runtime, CNI plugins and iptables. This system has no apt-get and dpkg-deb to fetch them with, ` +
        `and lacks ${lacking.join(" and ")}. Install these (the packages are mostly called containerd, runc, containernetworking-plugins, ` +
        `iptables), or use a cluster of your own instead (any kubeconfig context works).`,
    );
  }
  return {
    version: "path",
    inputs: ["path", LAYOUT, plugins, ...programs.map(([name, path]) => `${name}=${path}`)],
    async make(folder) {
      mkdirSync(join(folder, "bin"));
      for (const [name, path] of programs) if (path) symlinkSync(path, join(folder, "bin", name));
      symlinkSync(plugins, join(folder, "cni"));
    },
  };
}
