import { createHash } from "node:crypto";
import { SandboxError } from "./errors";

/** The pods' addresses. They exist only in the sandbox's network namespace, so every sandbox has the same. */
export const POD_CIDR = "10.244.0.0/16";
/** The part of `POD_CIDR` that the one node hands out. */
export const NODE_POD_CIDR = "10.244.0.0/24";
/** The Services' addresses, in the sandbox's network namespace only. */
export const SERVICE_CIDR = "10.96.0.0/16";
/** The address of the cluster's DNS. */
export const DNS_ADDRESS = "10.96.0.10";
/** The API server's port on the node's address. */
export const API_PORT = 6443;

/** The /24 that connects the machine and the node: the only addresses of a sandbox that the machine sees. */
export interface Subnet {
  /** N in 10.77.N.0/24; 0 to 255. */
  readonly number: number;
  /** The network, e.g. "10.77.12.0/24". */
  readonly cidr: string;
  /** The machine's end, e.g. "10.77.12.1". */
  readonly hostAddress: string;
  /** The node's end, e.g. "10.77.12.2": the API server, node ports and external IPs answer there. */
  readonly nodeAddress: string;
}

/** The names that a sandbox uses on the machine. Nothing else on the machine has such names. */
export interface Names {
  /** The machine's end of the pair of network devices. At most 15 characters, the kernel's limit. */
  readonly hostDevice: string;
  /** The node's end, in the sandbox's network namespace. */
  readonly nodeDevice: string;
  /** The cgroup that holds everything of the sandbox, below the root of each hierarchy. */
  readonly cgroup: string;
}

/**
 * Checks a sandbox's name, which is also its node's: a DNS label of at most 10 characters, since network
 * devices are named after it.
 * @throws SandboxError if it is none
 */
export function checkName(name: string): string {
  if (!/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/.test(name)) {
    throw new SandboxError(
      `The sandbox's name is ${JSON.stringify(name)}; it must be 1 to 10 lower-case letters, digits and '-', ` +
        `beginning and ending with a letter or digit, e.g. "canary".`,
    );
  }
  return name;
}

/** The names that the sandbox of this name uses on the machine. */
export function namesOf(name: string): Names {
  return { hostDevice: `sb-${name}`, nodeDevice: "eth0", cgroup: `canary-sandbox-${name}` };
}

/** The subnet of that number, 0 to 255. */
export function subnetOf(number: number): Subnet {
  const network = `10.77.${number}`;
  return { number, cidr: `${network}.0/24`, hostAddress: `${network}.1`, nodeAddress: `${network}.2` };
}

/**
 * Chooses a free subnet: the one that the name hashes to, so that a sandbox usually has the same address each time, or
 * the next free one.
 * @param routes destinations of the machine's routes, as `destinationsOf` returns them
 * @param others subnet numbers of the other sandboxes
 * @throws SandboxError if none is free
 */
export function chooseSubnet(name: string, routes: readonly string[], others: readonly number[]): Subnet {
  const first = createHash("sha256").update(name).digest()[0];
  for (let step = 0; step < 256; step++) {
    const subnet = subnetOf((first + step) % 256);
    if (!others.includes(subnet.number) && routeInTheWay(subnet, routes) === undefined) return subnet;
  }
  throw new SandboxError(
    `No free subnet for the sandbox "${name}": each of 10.77.0.0/24 to 10.77.255.0/24 belongs to another sandbox or to a ` +
      `route of this machine. Take down sandboxes that are not used, or remove the route (\`ip route\`).`,
  );
}

/**
 * The first of `routes` that claims addresses of the subnet. Routes wider than a /16 are ignored: they mean "all
 * private addresses are over there" (a VPN, a cloud), and a /24 takes only its own addresses from them.
 */
export function routeInTheWay(subnet: Subnet, routes: readonly string[]): string | undefined {
  const ours = parseCidr(subnet.cidr);
  return routes.find((route) => {
    const theirs = parseCidr(route);
    if (!ours || !theirs || theirs.length < 16) return false;
    const shift = 32 - Math.min(ours.length, theirs.length);
    return Math.floor(ours.base / 2 ** shift) === Math.floor(theirs.base / 2 ** shift);
  });
}

/**
 * The destinations, as CIDRs, in the output of `ip -4 -oneline route show table all`, without those over
 * `exceptDevice`.
 */
export function destinationsOf(output: string, exceptDevice: string): string[] {
  const types = new Set([
    "unicast",
    "local",
    "broadcast",
    "multicast",
    "blackhole",
    "unreachable",
    "prohibit",
    "throw",
  ]);
  const found: string[] = [];
  for (const line of output.split("\n")) {
    const words = line.trim().split(/\s+/);
    const device = words[words.indexOf("dev") + 1];
    if (words.includes("dev") && device === exceptDevice) continue;
    const destination = types.has(words[0]) ? words[1] : words[0];
    if (destination && /^\d+\.\d+\.\d+\.\d+(\/\d+)?$/.test(destination)) {
      found.push(destination.includes("/") ? destination : `${destination}/32`);
    }
  }
  return found;
}

function parseCidr(cidr: string): { base: number; length: number } | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr);
  if (!match) return undefined;
  const [a, b, c, d, length] = match.slice(1).map(Number);
  return { base: ((a * 256 + b) * 256 + c) * 256 + d, length };
}
