import type { KubernetesApi, ObjectMeta } from "../../internal/kubernetes/api";

/** The pods with certain labels in one namespace. */
export interface PodSelection {
  /** A DNS label. */
  namespace: string;
  /** Their labels; every pod of the namespace without. */
  selector?: Readonly<Record<string, string>>;
}

/** A running proxy of Istio's. */
export interface ProxyPod {
  namespace: string;
  name: string;
  /** Which life of it: another one after a restart of the container. */
  life: string;
  /** Whether it serves and is to go on doing so: then it must be possible to read it. */
  ready: boolean;
}

interface ContainerStatus {
  name: string;
  restartCount?: number;
  ready?: boolean;
  state?: { running?: object };
}

interface Pod {
  metadata: ObjectMeta;
  status?: { phase?: string; containerStatuses?: ContainerStatus[]; initContainerStatuses?: ContainerStatus[] };
}

/** How the injector calls its container, in sidecars of both sorts and in gateways. */
const PROXY_CONTAINER = "istio-proxy";

/** The running proxies among the pods of some selections, each once. */
export async function proxyPods(
  api: KubernetesApi,
  selections: readonly PodSelection[],
  signal: AbortSignal,
): Promise<ProxyPod[]> {
  const lists = await Promise.all(
    selections.map(({ namespace, selector = {} }) => {
      const labels = Object.entries(selector)
        .map(([name, value]) => `${name}=${value}`)
        .join(",");
      const query = new URLSearchParams({
        fieldSelector: "status.phase=Running",
        ...(labels === "" ? {} : { labelSelector: labels }),
      });
      return api.json<{ items: Pod[] }>(`/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?${query}`, signal);
    }),
  );
  const proxies = lists.flatMap(({ items }) => items).flatMap((pod) => proxyOf(pod) ?? []);
  return [...new Map(proxies.map((proxy) => [proxy.life, proxy])).values()];
}

function proxyOf({ metadata, status }: Pod): ProxyPod | undefined {
  const container = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].find(
    ({ name }) => name === PROXY_CONTAINER,
  );
  if (container?.state?.running === undefined) {
    return undefined;
  }
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    life: `${metadata.uid}/${container.restartCount ?? 0}`,
    ready: container.ready === true && metadata.deletionTimestamp === undefined,
  };
}
