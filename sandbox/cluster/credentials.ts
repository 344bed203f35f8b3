import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { API_PORT, POD_CIDR, SERVICE_CIDR, namesOf, type Subnet } from "./addresses";
import { entering, entrancesOf } from "./cgroups";
import { execute } from "./execute";
import { writeWhole } from "./files";
import type { Paths } from "./paths";

/** The files in the folder of credentials. */
export interface Credentials {
  /** A file of the cluster's PKI, by kubeadm's name: "ca.crt", "etcd/server.key". */
  pki(name: string): string;
  /** The kubeconfig of one of the node's programs: "scheduler", "kube-proxy". */
  kubeconfig(program: string): string;
}

/** Where the credentials of a sandbox are. */
export function credentialsOf(paths: Paths): Credentials {
  return {
    pki: (name) => join(paths.credentials, "pki", name),
    kubeconfig: (program) => join(paths.credentials, `${program}.conf`),
  };
}

/**
 * Creates the cluster's certificates and kubeconfigs with kubeadm, if they do not exist; they appear all at once. The
 * sandbox's cgroups must exist: kubeadm ends with them, and writes nothing after `down`.
 * @param kube path of the binary that contains kubeadm
 * @param version Kubernetes' version, e.g. "v1.34.4"; given here so that kubeadm does not ask the internet
 */
export async function makeCredentials(
  name: string,
  kube: string,
  version: string,
  subnet: Subnet,
  paths: Paths,
  signal?: AbortSignal,
): Promise<void> {
  if (existsSync(paths.credentials)) return;
  const temporary = `${paths.credentials}.new`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true, mode: 0o700 });
  const configuration = join(temporary, "kubeadm.yaml");
  writeFileSync(configuration, kubeadmConfiguration(name, version, subnet, join(temporary, "pki"), paths));
  const entrances = entrancesOf(namesOf(name).cgroup);
  const kubeadm = (...args: string[]): Promise<string> =>
    execute(
      "making the cluster's certificates",
      entering(entrances, [kube, "kubeadm", ...args, "--config", configuration]),
      { signal },
    );
  await kubeadm("init", "phase", "certs", "all");
  const [, proxy] = await Promise.all([
    kubeadm("init", "phase", "kubeconfig", "all", "--kubeconfig-dir", temporary),
    kubeadm("kubeconfig", "user", "--client-name", "system:kube-proxy"),
  ]);
  writeFileSync(join(temporary, "kube-proxy.conf"), proxy, { mode: 0o600 });
  renameSync(temporary, paths.credentials);
}

/** Writes the kubeconfig for people: one context, cluster and user, all named like the sandbox. */
export function writeKubeconfig(name: string, paths: Paths): void {
  // super-admin.conf is of the group system:masters and so works before any role binding is there.
  const made = parse(readFileSync(credentialsOf(paths).kubeconfig("super-admin"), "utf8")) as {
    clusters: { cluster: object }[];
    users: { user: object }[];
  };
  writeWhole(
    paths.kubeconfig,
    stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name, cluster: made.clusters[0].cluster }],
      users: [{ name, user: made.users[0].user }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      "current-context": name,
    }),
  );
}

function kubeadmConfiguration(name: string, version: string, subnet: Subnet, pki: string, paths: Paths): string {
  const init = {
    apiVersion: "kubeadm.k8s.io/v1beta4",
    kind: "InitConfiguration",
    localAPIEndpoint: { advertiseAddress: subnet.nodeAddress, bindPort: API_PORT },
    nodeRegistration: { name, criSocket: `unix://${paths.containerdSocket}` },
  };
  const cluster = {
    apiVersion: "kubeadm.k8s.io/v1beta4",
    kind: "ClusterConfiguration",
    clusterName: name,
    kubernetesVersion: version,
    certificatesDir: pki,
    encryptionAlgorithm: "ECDSA-P256", // quick to make, unlike RSA
    networking: { serviceSubnet: SERVICE_CIDR, podSubnet: POD_CIDR, dnsDomain: "cluster.local" },
    apiServer: { certSANs: [subnet.nodeAddress, "127.0.0.1", "localhost"] },
    etcd: { local: { dataDir: paths.etcd } },
  };
  return `${stringify(init)}---\n${stringify(cluster)}`;
}
