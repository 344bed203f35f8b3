import type { Kubectl } from "./kubectl";

/** Everything in the cluster that a destroyed stack could leave behind, as `kind/name`, but for Istio's definitions. */
export async function leftovers(kubectl: Kubectl): Promise<string[]> {
  const kinds = [
    "namespaces",
    "mutatingwebhookconfigurations",
    "validatingwebhookconfigurations",
    "secrets",
    "clusterroles",
    "clusterrolebindings",
  ];
  const names = await Promise.all(
    kinds.map(async (kind) => (await kubectl.names(kind)).map((name) => `${kind}/${name}`)),
  );
  return names.flat();
}
