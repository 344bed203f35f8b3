import { DNS_ADDRESS, namesOf } from "./addresses";
import { entering, entrancesOf } from "./cgroups";
import { execute } from "./execute";

/** A name that exists in every cluster. */
const NAME = "kubernetes.default.svc.cluster.local";

/** How long a response may take once the DNS server's pod is ready; kube-proxy's rules follow within a second. */
const PATIENCE_MS = 60_000;

/** Asks until there is a response. It runs inside the node, because the address exists only there. */
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
 * `pid`. A ready pod of the server does not guarantee that.
 * @throws SandboxError if there is no response within a minute
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
