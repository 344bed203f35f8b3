import { existsSync } from "node:fs";
import { silentProgress } from "../progress";
import { ensureIp } from "../tools";
import type { Names, Subnet } from "./addresses";
import { execute } from "./execute";
import type { Journal } from "./journal";

/**
 * Connects the network namespace of the process `pid` with the machine: a pair of devices with one address on each
 * side, and in the namespace a default route to a bridge that nothing is connected to, so that no packet leaves the
 * machine. (Without a default route, Services' addresses would be unreachable before kube-proxy's rules see them.) The
 * namespace, and with it everything but the machine's end, lives as long as the process.
 */
export async function joinNetwork(pid: number, names: Names, subnet: Subnet, journal: Journal): Promise<void> {
  const env = await ipEnvironment();
  journal.record({ kind: "device", name: names.hostDevice });
  await execute("making the sandbox's network devices", ["ip", "-batch", "-"], {
    input: [
      `link add ${names.hostDevice} type veth peer name ${names.nodeDevice} netns ${pid}`,
      `address add ${subnet.hostAddress}/24 dev ${names.hostDevice}`,
      `link set ${names.hostDevice} up`,
      "",
    ].join("\n"),
    env,
  });
  const inside = ["nsenter", `--net=/proc/${pid}/ns/net`];
  await execute("setting up the sandbox's network", [...inside, "ip", "-batch", "-"], {
    input: [
      "link set lo up",
      `address add ${subnet.nodeAddress}/24 dev ${names.nodeDevice}`,
      `link set ${names.nodeDevice} up`,
      "link add nowhere type bridge",
      "link set nowhere up",
      "route add default dev nowhere",
      "",
    ].join("\n"),
    env,
  });
  // These settings belong to the network namespace, not to the machine.
  const settings = ["net/ipv4/ip_forward", "net/bridge/bridge-nf-call-iptables", "net/bridge/bridge-nf-call-ip6tables"];
  await execute("setting up the sandbox's network", [
    ...inside,
    "sh",
    "-ec",
    settings.map((name) => `echo 1 > /proc/sys/${name}`).join("\n"),
  ]);
}

/** Whether the machine has a network device of this name. */
export function deviceExists(name: string): boolean {
  return existsSync(`/sys/class/net/${name}`);
}

/** Removes the machine's end of the pair. It may have disappeared already, with the namespace. */
export async function removeDevice(name: string): Promise<void> {
  if (!deviceExists(name)) return;
  try {
    await execute(`removing the network device ${name}`, ["ip", "link", "delete", name], {
      env: await ipEnvironment(),
    });
  } catch (error) {
    if (deviceExists(name)) throw error;
  }
}

/** The content of the machine's routing tables, as `destinationsOf` reads it. */
export async function routes(): Promise<string> {
  return execute("reading the machine's routes", ["ip", "-4", "-oneline", "route", "show", "table", "all"], {
    env: await ipEnvironment(),
  });
}

/** `preflight` has made it, with its progress, unless someone has removed it since. */
function ipEnvironment(): Promise<NodeJS.ProcessEnv> {
  return ensureIp(silentProgress());
}
