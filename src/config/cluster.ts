import type { ClusterReference } from "../internal/kubernetes/api";
import type { PulumiCli } from "./pulumiCli";
import type { StackConfig } from "./stackConfig";

/** What tells which cluster a stack's default Kubernetes provider uses. */
export interface ClusterSources {
  /** The stack's config. */
  config: Pick<StackConfig, "values" | "defaults">;
  /** The environment of Pulumi: `KUBECONFIG`, and what a kubeconfig's plugins go by. */
  env: NodeJS.ProcessEnv;
  /** Pulumi's CLI, which opens the stack's secrets. */
  cli: Pick<PulumiCli, "ask">;
  /** The project's folder, from which Pulumi takes relative paths. */
  folder: string;
}

/**
 * The cluster that Pulumi's default Kubernetes provider uses for a stack; the config can hold a kubeconfig's path or its
 * content. One that is a secret is had from Pulumi, which can open it if anybody can.
 *
 * @throws Error if Pulumi cannot: another cluster in its place would be asked about an app that is not there
 */
export async function defaultCluster({ config, env, cli, folder }: ClusterSources): Promise<ClusterReference> {
  const [kubeconfig, context, cluster] = [
    await textAt("kubernetes:kubeconfig", config, cli),
    await textAt("kubernetes:context", config, cli),
    await textAt("kubernetes:cluster", config, cli),
  ];
  return { ...inEnvironment(env, folder), ...(kubeconfig === undefined ? {} : { kubeconfig }), context, cluster };
}

/** The cluster that a process of this environment finds by itself. */
export function inEnvironment(env: NodeJS.ProcessEnv, folder: string): ClusterReference {
  return { ...(env === process.env ? { kubeconfig: undefined } : { kubeconfig: env.KUBECONFIG, env }), folder };
}

/** Whether the stack's config forbids the default Kubernetes provider: `pulumi:disable-default-providers`. */
export function isDefaultProviderDisabled({ values, defaults = {} }: ClusterSources["config"]): boolean {
  const key = "pulumi:disable-default-providers";
  const named = listIn(values[key] ?? defaults[key]);
  return named.includes("*") || named.includes("kubernetes");
}

/** A list, or one as JSON, as `pulumi config set` writes it. */
function listIn(value: unknown): readonly unknown[] {
  if (typeof value !== "string") {
    return Array.isArray(value) ? value : [];
  }
  try {
    return listIn(JSON.parse(value) as unknown[] | object);
  } catch {
    return [];
  }
}

async function textAt(
  key: string,
  { values, defaults = {} }: ClusterSources["config"],
  cli: ClusterSources["cli"],
): Promise<string | undefined> {
  const value = values[key] ?? defaults[key];
  if (value === undefined || value === null || value === "") {
    return undefined;
  }
  if (typeof value !== "object" && typeof value !== "symbol") {
    return String(value); // a name of digits only is a number in the file
  }
  const opened = await cli.ask("config", "get", key).catch((error: Error) => {
    throw new Error(
      `${key} of the stack cannot be read, so its cluster is not known (${error.message}): give Pulumi what opens the stack's secrets, such as PULUMI_CONFIG_PASSPHRASE, or set ${key} without --secret`,
    );
  });
  return opened.trimEnd();
}
