import type { ClusterReference } from "../kubernetes/api";
import type { StackConfig } from "./stackConfig";

/** The cluster that Pulumi's provider uses for a stack; the config can hold a kubeconfig's path or its content. */
export function clusterOf({ values, defaults = {} }: Pick<StackConfig, "values" | "defaults">, env: NodeJS.ProcessEnv): ClusterReference {
  const [kubeconfig, context] = ["kubernetes:kubeconfig", "kubernetes:context"].map((key) => values[key] ?? defaults[key]);
  const given = typeof kubeconfig === "string" ? kubeconfig : env.KUBECONFIG === process.env.KUBECONFIG ? undefined : env.KUBECONFIG;
  return { kubeconfig: given, context: typeof context === "string" ? context : undefined };
}
