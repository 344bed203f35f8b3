import type { Kubectl } from "./kubectl";
import { importToolImage } from "./toolImage";
import { until } from "./workload";

const NAME = "metrics-server";
const NAMESPACE = "kube-system";
const API = "v1beta1.metrics.k8s.io";
const IMAGE = "docker.io/library/canary-metrics-server:test";
const PORT = 10250;

/** Gives the cluster what autoscalers ask how much pods use: Kubernetes' own metrics server. */
export async function installMetricsServer(kubectl: Kubectl): Promise<void> {
  await importToolImage("metrics-server", IMAGE);
  await kubectl.apply({ apiVersion: "v1", kind: "List", items: objects() });
  await kubectl.run("rollout", "status", "-n", NAMESPACE, `deployment/${NAME}`, "--timeout=120s");
}

/** Waits until it knows how much the pods of a namespace use. */
export async function untilMeasured(kubectl: Kubectl, namespace: string): Promise<void> {
  const measured = async () =>
    JSON.parse(await kubectl.run("get", "--raw", `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`)).items
      .length > 0;
  await until("the metrics server knows the pods", () => measured().catch(() => false), 90);
}

/** Takes it away. */
export async function removeMetricsServer(kubectl: Kubectl): Promise<void> {
  await kubectl.send(
    JSON.stringify({ apiVersion: "v1", kind: "List", items: objects() }),
    "delete",
    "--ignore-not-found",
    "-f",
    "-",
  );
}

function objects(): object[] {
  const labels = { app: NAME };
  const metadata = { name: NAME, namespace: NAMESPACE };
  const subjects = [{ kind: "ServiceAccount", name: NAME, namespace: NAMESPACE }];
  const role = (kind: string, name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name });
  const rbac = (kind: string, more: object) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind,
    metadata,
    ...more,
  });
  // The kubelet's certificate is its own; the least time between two looks is the metrics server's.
  const args = [
    "--cert-dir=/tmp",
    `--secure-port=${PORT}`,
    "--kubelet-insecure-tls",
    "--kubelet-preferred-address-types=InternalIP",
    "--metric-resolution=10s",
    "--kubelet-request-timeout=5s",
  ];
  const readinessProbe = { httpGet: { path: "/readyz", port: PORT, scheme: "HTTPS" }, periodSeconds: 1 };
  const container = {
    name: NAME,
    image: IMAGE,
    imagePullPolicy: "Never",
    args,
    readinessProbe,
    ports: [{ containerPort: PORT }],
  };
  const pod = { metadata: { labels }, spec: { serviceAccountName: NAME, containers: [container] } };
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    rbac("ClusterRole", {
      rules: [
        { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
        { apiGroups: [""], resources: ["pods", "nodes", "namespaces"], verbs: ["get", "list", "watch"] },
      ],
    }),
    rbac("ClusterRoleBinding", { roleRef: role("ClusterRole", NAME), subjects }),
    {
      ...rbac("ClusterRoleBinding", { roleRef: role("ClusterRole", "system:auth-delegator"), subjects }),
      metadata: { name: `${NAME}-delegates` },
    },
    rbac("RoleBinding", { roleRef: role("Role", "extension-apiserver-authentication-reader"), subjects }),
    { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { selector: { matchLabels: labels }, template: pod } },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: labels, ports: [{ port: 443, targetPort: PORT }] },
    },
    {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: API },
      spec: {
        group: "metrics.k8s.io",
        version: "v1beta1",
        service: { name: NAME, namespace: NAMESPACE },
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
      },
    },
  ];
}
