import { KubernetesApi } from "../src/internal/kubernetes/api";
import type { ReadLive } from "./rules/maxStep";

const TIMEOUT_MS = 10_000;

/** Reads VirtualServices from the cluster that the kubeconfig in force names. */
export const readVirtualService: ReadLive = async ({ apiVersion, metadata }) => {
  const api = await KubernetesApi.of();
  try {
    const [namespace, name] = [metadata.namespace ?? "default", metadata.name].map(encodeURIComponent);
    return await api.json<object>(
      `/apis/${apiVersion}/namespaces/${namespace}/virtualservices/${name}`,
      AbortSignal.timeout(TIMEOUT_MS),
    );
  } catch (error) {
    if (/answered 404/.test((error as Error).message)) {
      return undefined;
    }
    throw error;
  } finally {
    api.close();
  }
};
