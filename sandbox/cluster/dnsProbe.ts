import { DNS_ADDRESS, namesOf } from "./addresses";
import { entering, entrancesOf } from "./cgroups";
import { execute } from "./execute";

/** A name that every cluster has. */
const NAME = "kubernetes.default.svc.cluster.local";

/** How long the answer may take once the DNS server's pod is ready; kube-proxy's rules follow within a second. */
const PATIENCE_MS = 60_000;

/** Asks until there is an answer. It runs inside the node, where alone the address exists. */
const SCRIPT = `
const { Resolver } = require("node:dns").promises;
const [address, name, patience] = process.argv.slice(1);
const resolver = new Resolver({ timeout: 500, tries: 1 });
resolver.setServers([address]);
const deadline = Date.now() + Number(patience);
const ask = () => resolver.resolve4(name).then(
  () => process.exit(0),
  (error) => {
    if (Date.now() < deadline) return setTimeout(ask, 25);
    console.error(error.message);
    process.exit(1);
  },
);
ask();
`;

/**
 * Waits until the cluster's DNS answers at its Service's address, asked from the network namespace of the process
 * `pid`. That the server's pod is ready does not mean that yet.
 * @throws SandboxError if there is no answer within a minute
 */
export async function dnsAnswers(sandbox: string, pid: number, signal?: AbortSignal): Promise<void> {
  const inside = [
    "nsenter",
    `--net=/proc/${pid}/ns/net`,
    process.execPath,
    "-e",
    SCRIPT,
    DNS_ADDRESS,
    NAME,
    String(PATIENCE_MS),
  ];
  await execute(`asking the cluster's DNS for ${NAME}`, entering(entrancesOf(namesOf(sandbox).cgroup), inside), {
    signal,
    env: { PATH: process.env.PATH },
  });
}
