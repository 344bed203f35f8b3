import type { Kubectl } from "./kubectl";

/**
 * The clusters that the gateway's proxy has in force, as Envoy tells them, by name, e.g.
 * `outbound|80|v1|myapp.myapp.svc.cluster.local`.
 */
export async function gatewayClusters(kubectl: Kubectl): Promise<Map<string, any>> {
  const where = [
    "get",
    "pods",
    "-A",
    "-l",
    "istio=ingressgateway",
    "-o",
    "jsonpath={.items[0].metadata.namespace} {.items[0].metadata.name}",
  ];
  const [namespace, pod] = (await kubectl.run(...where)).split(" ");
  const query = "config_dump?resource=dynamic_active_clusters";
  const dump = JSON.parse(
    await kubectl.run("exec", "-n", namespace, pod, "--", "pilot-agent", "request", "GET", query),
  );
  return new Map(dump.configs.map(({ cluster }: any) => [cluster.name, cluster]));
}
