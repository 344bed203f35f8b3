import type { KubernetesApi } from "../../internal/kubernetes/api";

/**
 * What the provider needs of a cluster to try a change out there: without it, it takes a preview's inputs for granted.
 */
const NEEDED: readonly { group: string; kinds: readonly string[] }[] = [
  { group: "networking.istio.io/v1", kinds: ["VirtualService", "DestinationRule", "Gateway"] },
  { group: "security.istio.io/v1", kinds: ["PeerAuthentication", "AuthorizationPolicy"] },
];

/** Why a cluster cannot verify a preview, one reason each; empty if it can. */
export async function unverifiable(openApi: () => Promise<KubernetesApi>, signal: AbortSignal): Promise<string[]> {
  let api: KubernetesApi | undefined;
  try {
    api = await openApi();
    await api.text("/version", signal);
    const missing = await Promise.all(
      NEEDED.map(({ group, kinds }) => missingKinds(api as KubernetesApi, group, kinds, signal)),
    );
    const named = missing.flat();
    return named.length === 0
      ? []
      : [
          `the cluster at ${api.server} does not know ${named.join(", ")}: Istio's definitions are not there, so nobody has checked those objects`,
        ];
  } catch (error) {
    return [`${(error as Error).message}: nobody has checked the objects, and what somebody else changed is not known`];
  } finally {
    api?.close();
  }
}

async function missingKinds(
  api: KubernetesApi,
  group: string,
  kinds: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const { resources } = await api
    .json<{ resources: { kind: string }[] }>(`/apis/${group}`, signal)
    .catch((error: Error) => {
      if (/answered 404/.test(error.message)) {
        return { resources: [] };
      }
      throw error;
    });
  return kinds.filter((kind) => !resources.some((resource) => resource.kind === kind));
}
