import { join } from "node:path";
import { API_PORT, POD_CIDR, SERVICE_CIDR, type Subnet } from "./addresses";
import { SHOWN_SETTINGS, configurationFiles, shownSettingFile, volumePluginFolder } from "./configuration";
import { credentialsOf } from "./credentials";
import type { Paths } from "./paths";

// The JSON that the supervisor reads; its fields are explained in sandbox/go/kube/supervise/plan.go.

/** How the supervisor sets up the node's file system, and what it runs there. */
export interface Plan {
  readonly status: string;
  readonly mounts: readonly PlannedMount[];
  readonly programs: readonly PlannedProgram[];
}

/** A mount in the node's own mount namespace. */
export type PlannedMount =
  | { readonly kind: "propagation"; readonly target: string; readonly propagation: "rslave" | "rshared" }
  | { readonly kind: "tmpfs"; readonly target: string; readonly mode?: string }
  | { readonly kind: "bind"; readonly source: string; readonly target: string; readonly readOnly?: boolean };

/** A program that is kept running. */
export interface PlannedProgram {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly log: string;
  readonly after: readonly Condition[];
}

/** What must exist before a program starts. */
export type Condition =
  | { readonly file: string }
  | { readonly socket: string }
  | { readonly url: string; readonly caFile: string; readonly certFile?: string; readonly keyFile?: string };

/** What a plan is made from. */
export interface PlanInput {
  /** The sandbox's name, which is the node's. */
  readonly name: string;
  readonly subnet: Subnet;
  readonly paths: Paths;
  /** The binary that holds Kubernetes' programs and etcd. */
  readonly kube: string;
  /** The container runtime's binary. */
  readonly containerd: string;
  /** The environment in which the node's programs find each other. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Folders that the node has for itself, initially empty: programs write there by fixed names, and their files must not
 * stay on the machine.
 */
export const PRIVATE_FOLDERS = ["/run", "/var/lib", "/var/log"] as const;

/** The plan of a sandbox's node. */
export function makePlan(input: PlanInput): Plan {
  return { status: input.paths.programs, mounts: mounts(input.paths), programs: programs(input) };
}

function mounts(paths: Paths): PlannedMount[] {
  return [
    // Mounts in the node propagate to its pods (shared) but never to the machine (slave).
    { kind: "propagation", target: "/", propagation: "rslave" },
    { kind: "propagation", target: "/", propagation: "rshared" },
    ...PRIVATE_FOLDERS.map((target): PlannedMount => ({ kind: "tmpfs", target })),
    { kind: "bind", source: paths.kubelet, target: "/var/lib/kubelet" },
    ...Object.keys(SHOWN_SETTINGS).map((setting): PlannedMount => ({
      kind: "bind",
      source: shownSettingFile(paths, setting),
      target: join("/proc/sys", setting),
      readOnly: true,
    })),
  ];
}

function programs(input: PlanInput): PlannedProgram[] {
  const { name, subnet, paths, kube } = input;
  const files = configurationFiles(paths);
  const { pki, kubeconfig } = credentialsOf(paths);
  const env = Object.entries({ ...input.environment, HOME: paths.temporary, TMPDIR: paths.temporary }).map(
    ([key, value]) => `${key}=${value}`,
  );
  const program = (title: string, command: string[], after: Condition[]): PlannedProgram => ({
    name: title,
    command,
    env,
    log: join(paths.logs, `${title}.log`),
    after,
  });
  const prepared: Condition = { file: paths.prepared };
  const etcd: Condition = {
    url: "https://127.0.0.1:2379/health",
    caFile: pki("etcd/ca.crt"),
    certFile: pki("etcd/healthcheck-client.crt"),
    keyFile: pki("etcd/healthcheck-client.key"),
  };
  const api: Condition = { url: `https://${subnet.nodeAddress}:${API_PORT}/readyz`, caFile: pki("ca.crt") };
  const runtime: Condition = { socket: paths.containerdSocket };
  const controller = (title: string): string[] => [
    `--kubeconfig=${kubeconfig(title)}`,
    `--authentication-kubeconfig=${kubeconfig(title)}`,
    `--authorization-kubeconfig=${kubeconfig(title)}`,
    "--bind-address=127.0.0.1",
    // There is only one, and an election would take seconds.
    "--leader-elect=false",
    "--kube-api-qps=200",
    "--kube-api-burst=400",
    "--profiling=false",
  ];
  return [
    program("containerd", [input.containerd, `--config=${files.containerd}`], []),
    program(
      "etcd",
      [
        kube,
        "etcd",
        `--name=${name}`,
        `--data-dir=${paths.etcd}`,
        // A power cut would cost a sandbox; waiting for the disk would cost every test time.
        "--unsafe-no-fsync",
        "--log-level=warn",
        "--listen-client-urls=https://127.0.0.1:2379",
        "--advertise-client-urls=https://127.0.0.1:2379",
        "--listen-peer-urls=https://127.0.0.1:2380",
        "--initial-advertise-peer-urls=https://127.0.0.1:2380",
        `--initial-cluster=${name}=https://127.0.0.1:2380`,
        "--client-cert-auth",
        `--trusted-ca-file=${pki("etcd/ca.crt")}`,
        `--cert-file=${pki("etcd/server.crt")}`,
        `--key-file=${pki("etcd/server.key")}`,
        "--peer-client-cert-auth",
        `--peer-trusted-ca-file=${pki("etcd/ca.crt")}`,
        `--peer-cert-file=${pki("etcd/peer.crt")}`,
        `--peer-key-file=${pki("etcd/peer.key")}`,
      ],
      [prepared],
    ),
    program(
      "kube-apiserver",
      [
        kube,
        "kube-apiserver",
        `--advertise-address=${subnet.nodeAddress}`,
        `--secure-port=${API_PORT}`,
        "--etcd-servers=https://127.0.0.1:2379",
        `--etcd-cafile=${pki("etcd/ca.crt")}`,
        `--etcd-certfile=${pki("apiserver-etcd-client.crt")}`,
        `--etcd-keyfile=${pki("apiserver-etcd-client.key")}`,
        `--service-cluster-ip-range=${SERVICE_CIDR}`,
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        "--profiling=false",
        `--client-ca-file=${pki("ca.crt")}`,
        `--tls-cert-file=${pki("apiserver.crt")}`,
        `--tls-private-key-file=${pki("apiserver.key")}`,
        `--kubelet-client-certificate=${pki("apiserver-kubelet-client.crt")}`,
        `--kubelet-client-key=${pki("apiserver-kubelet-client.key")}`,
        "--kubelet-preferred-address-types=InternalIP",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        `--service-account-key-file=${pki("sa.pub")}`,
        `--service-account-signing-key-file=${pki("sa.key")}`,
        `--requestheader-client-ca-file=${pki("front-proxy-ca.crt")}`,
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-username-headers=X-Remote-User",
        `--proxy-client-cert-file=${pki("front-proxy-client.crt")}`,
        `--proxy-client-key-file=${pki("front-proxy-client.key")}`,
      ],
      [etcd],
    ),
    program(
      "kube-controller-manager",
      [
        kube,
        "kube-controller-manager",
        ...controller("controller-manager"),
        "--use-service-account-credentials",
        `--root-ca-file=${pki("ca.crt")}`,
        `--client-ca-file=${pki("ca.crt")}`,
        `--requestheader-client-ca-file=${pki("front-proxy-ca.crt")}`,
        `--service-account-private-key-file=${pki("sa.key")}`,
        `--cluster-signing-cert-file=${pki("ca.crt")}`,
        `--cluster-signing-key-file=${pki("ca.key")}`,
        `--cluster-cidr=${POD_CIDR}`,
        `--service-cluster-ip-range=${SERVICE_CIDR}`,
        // The one node's range is fixed in the CNI configuration.
        "--allocate-node-cidrs=false",
        // The default is a folder of the machine, which it would create.
        `--flex-volume-plugin-dir=${volumePluginFolder(paths)}`,
        // Autoscalers are evaluated every 15 s by default, which would only make tests wait.
        "--horizontal-pod-autoscaler-sync-period=2s",
      ],
      [api],
    ),
    program("kube-scheduler", [kube, "kube-scheduler", ...controller("scheduler")], [api]),
    program(
      "kubelet",
      [
        kube,
        "kubelet",
        `--config=${files.kubelet}`,
        `--kubeconfig=${kubeconfig("kubelet")}`,
        `--hostname-override=${name}`,
        `--node-ip=${subnet.nodeAddress}`,
        `--cert-dir=${join(paths.kubelet, "pki")}`,
      ],
      [runtime, api],
    ),
    program("kube-proxy", [kube, "kube-proxy", `--config=${files.kubeProxy}`], [api]),
  ];
}
