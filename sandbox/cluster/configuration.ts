import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { DNS_ADDRESS, NODE_POD_CIDR, POD_CIDR, namesOf } from "./addresses";
import { credentialsOf } from "./credentials";
import type { Paths } from "./paths";

/** What the configuration files are written from. */
export interface ConfigurationInput {
  /** The sandbox's name. */
  readonly name: string;
  readonly paths: Paths;
  /** The folder with the CNI plugins. */
  readonly cniFolder: string;
  /** The image that keeps a pod's namespaces open, by the name under which it was imported. */
  readonly pauseImage: string;
}

/** The configuration files of the node's programs. */
export interface ConfigurationFiles {
  readonly containerd: string;
  readonly kubelet: string;
  readonly kubeProxy: string;
}

/**
 * Settings that the kubelet expects of the kernel, as files under /proc/sys. They are faked for the kubelet instead of
 * being changed: changing them would affect the whole machine, and no pod here depends on them.
 */
export const SHOWN_SETTINGS: Readonly<Record<string, string>> = {
  "vm/overcommit_memory": "1",
  "vm/panic_on_oom": "0",
  "kernel/panic": "10",
  "kernel/panic_on_oops": "1",
  "kernel/keys/root_maxkeys": "1000000",
  "kernel/keys/root_maxbytes": "25000000",
};

/** Where the file is that the kubelet sees instead of the kernel's. */
export function shownSettingFile(paths: Paths, setting: string): string {
  return join(paths.configuration, "kernel", setting.replaceAll("/", "."));
}

/** Where the configuration files are. */
export function configurationFiles(paths: Paths): ConfigurationFiles {
  return {
    containerd: join(paths.configuration, "containerd.toml"),
    kubelet: join(paths.configuration, "kubelet.yaml"),
    kubeProxy: join(paths.configuration, "kube-proxy.yaml"),
  };
}

/** Writes all configuration files anew. */
export function writeConfiguration(input: ConfigurationInput): void {
  const { paths } = input;
  const files = configurationFiles(paths);
  const cni = join(paths.configuration, "cni");
  for (const folder of [cni, join(paths.configuration, "kernel")]) mkdirSync(folder, { recursive: true });
  writeFileSync(files.containerd, containerd(input, cni));
  writeFileSync(join(cni, "10-sandbox.conflist"), `${JSON.stringify(cniNetwork(input.name), undefined, 2)}\n`);
  writeFileSync(join(paths.configuration, "resolv.conf"), `nameserver ${DNS_ADDRESS}\n`);
  writeFileSync(files.kubelet, stringify(kubelet(input)));
  writeFileSync(files.kubeProxy, stringify(kubeProxy(input)));
  for (const [setting, value] of Object.entries(SHOWN_SETTINGS))
    writeFileSync(shownSettingFile(paths, setting), `${value}\n`);
}

function containerd({ paths, cniFolder, pauseImage }: ConfigurationInput, cni: string): string {
  const text = JSON.stringify; // a JSON string is a TOML string
  return `version = 2
root = ${text(paths.containerd)}
state = "/run/containerd"
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing",
]
[grpc]
  address = ${text(paths.containerdSocket)}
[plugins."io.containerd.internal.v1.opt"]
  # It makes this folder when it starts; by default that is /opt/containerd of the machine.
  path = ${text(join(paths.containerd, "opt"))}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${text(pauseImage)}
  # In a container or a small virtual machine root may lack the right to lower it, and runc fails with
  # "can't get final child's PID from pipe".
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${text(cniFolder)}
    conf_dir = ${text(cni)}
`;
}

function cniNetwork(name: string): object {
  return {
    cniVersion: "1.0.0",
    name,
    plugins: [
      {
        type: "bridge",
        bridge: "cni0",
        isGateway: true,
        isDefaultGateway: true,
        ipMasq: false,
        hairpinMode: true,
        ipam: { type: "host-local", dataDir: "/run/cni-ipam", ranges: [[{ subnet: NODE_POD_CIDR }]] },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
}

/** Where volume plugins are looked for. There are none; but the default folder would be created on the machine. */
export function volumePluginFolder(paths: Paths): string {
  return join(paths.kubelet, "volume-plugins");
}

function kubelet({ name, paths }: ConfigurationInput): object {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: credentialsOf(paths).pki("ca.crt") },
    },
    authorization: { mode: "Webhook" },
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${namesOf(name).cgroup}`,
    clusterDNS: [DNS_ADDRESS],
    clusterDomain: "cluster.local",
    containerRuntimeEndpoint: `unix://${paths.containerdSocket}`,
    // Its defaults are the machine's folders.
    podLogsDir: join(paths.logs, "pods"),
    volumePluginDir: volumePluginFolder(paths),
    resolvConf: join(paths.configuration, "resolv.conf"),
    // Fail instead of changing a setting of the kernel that is not as expected: see SHOWN_SETTINGS.
    protectKernelDefaults: true,
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0,
    // Imported images cannot be pulled again, and a full disk of the machine is not for this node to clean up.
    imageGCHighThresholdPercent: 100,
    evictionHard: { "imagefs.available": "0%", "nodefs.available": "0%", "nodefs.inodesFree": "0%" },
    // One node, one user: nothing here needs to be throttled.
    kubeAPIQPS: 200,
    kubeAPIBurst: 400,
    eventRecordQPS: 0,
    logging: { verbosity: 2 },
  };
}

function kubeProxy({ name, paths }: ConfigurationInput): object {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "iptables",
    // Rules are updated at once after a change of a Service's endpoints.
    iptables: { minSyncPeriod: "0s" },
    clusterCIDR: POD_CIDR,
    hostnameOverride: name,
    oomScoreAdj: 0,
    clientConnection: { kubeconfig: credentialsOf(paths).kubeconfig("kube-proxy") },
    // These limits are the machine's, and a network namespace may not set them.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
  };
}
