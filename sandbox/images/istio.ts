import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../progress";
import { extractPackages, hasDebianPackages } from "../tools/debian";
import { ToolError } from "../tools";
import { Layer } from "./layer";

/** The user that Istio's images and charts expect. */
export const ISTIO_USER = 1337;

/** What both images contain besides Istio's programs; a shell and common commands are for debugging. */
export const BASE_PACKAGES: readonly string[] = [
  "base-files",
  "netbase",
  "tzdata",
  "ca-certificates",
  "busybox-static",
];

/** The libraries that Envoy is linked with, and the programs by which the init container redirects a pod's traffic. */
export const PROXY_PACKAGES: readonly string[] = [
  "libc6",
  "libgcc-s1",
  "iptables",
  "libxtables12",
  "libip4tc2",
  "libip6tc2",
  "libnftnl11",
  "libmnl0",
  "libnetfilter-conntrack3",
  "libnfnetlink0",
  "nftables",
  "libnftables1",
  "libjansson4",
  "libgmp10",
  "libedit2",
  "libtinfo6",
  "libbsd0",
  "libmd0",
];

/** Parts of the packages that an image does not need. */
const LEFT_OUT =
  /^(usr\/share\/(doc|man|locale|lintian|bug|info|base-files)|usr\/lib\/[^/]+\/gconv|etc\/apt|etc\/update-motd\.d)$/;

const COMMANDS = ["sh", "ls", "cat", "ps", "grep", "sleep", "wget", "nc", "ip"];
const IPTABLES = ["iptables", "iptables-save", "iptables-restore", "ip6tables", "ip6tables-save", "ip6tables-restore"];

/**
 * Checks that the images can be made here.
 * @throws ToolError if this system has no Debian packages
 */
export function requirePackages(): void {
  if (!hasDebianPackages()) {
    throw new ToolError(
      "The images of Istio's control plane and proxy are made from Debian packages, and this system has no apt-get and dpkg-deb. " +
        "Use the sandbox on Debian or Ubuntu, or a cluster of your own instead (any kubeconfig context works).",
    );
  }
}

/**
 * Calls `use` with a file system made from Debian packages; the packages' files exist until it has returned.
 * @param scratch a folder for the packages' files
 * @throws ToolError if this system has no Debian packages
 */
export async function withBase(
  packages: readonly string[],
  scratch: string,
  progress: Progress,
  use: (layer: Layer) => Promise<void>,
): Promise<void> {
  requirePackages();
  const folder = mkdtempSync(join(scratch, "packages-"));
  const root = join(folder, "root");
  await extractPackages(packages, root, progress);
  await use(finished(new Layer().tree(root, (path) => !LEFT_OUT.test(path))));
  rmSync(folder, { recursive: true });
}

/** Does what the packages' install scripts would do, which are not run. */
function finished(layer: Layer): Layer {
  for (const folder of ["run", "var/run", "proc", "sys", "dev", "root", "usr/local/bin", "etc/ssl/certs"]) {
    if (layer.paths(new RegExp(`^${folder}$`)).length === 0) layer.directory(folder);
  }
  layer.directory("tmp", { mode: 0o1777 });
  layer.directory("home/istio-proxy", { uid: ISTIO_USER, gid: ISTIO_USER });
  layer.content(
    "etc/passwd",
    passwd([
      "root:x:0:0:root:/root:/bin/sh",
      "nobody:x:65534:65534:nobody:/nonexistent:/bin/false",
      `istio-proxy:x:${ISTIO_USER}:${ISTIO_USER}::/home/istio-proxy:/bin/sh`,
    ]),
  );
  layer.content("etc/group", passwd(["root:x:0:", "nogroup:x:65534:", `istio-proxy:x:${ISTIO_USER}:`]));
  layer.content("etc/nsswitch.conf", passwd(["passwd: files", "group: files", "hosts: files dns"]));
  // One bundle of Mozilla's root certificates, from the package alone: this machine's own list stays out of the image.
  const roots = layer
    .paths(/^usr\/share\/ca-certificates\/mozilla\/.*\.crt$/)
    .map((path) => layer.source(path) as string);
  layer.content("etc/ssl/certs/ca-certificates.crt", Buffer.concat(roots.map((file) => readFileSync(file))));
  for (const command of COMMANDS) layer.symlink(`bin/${command}`, "busybox");
  // nf_tables, like Istio's own images.
  if (layer.paths(/^usr\/sbin\/xtables-nft-multi$/).length > 0) {
    for (const name of IPTABLES) layer.symlink(`usr/sbin/${name}`, "xtables-nft-multi");
  }
  return layer;
}

function passwd(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}
