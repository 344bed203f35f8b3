import type { ClusterReference } from "../internal/kubernetes/api";
import type { PulumiCli } from "./pulumiCli";
import type { StackConfig } from "./stackConfig";

/**
 * The cluster that Pulumi's provider uses for a stack; the config can hold a kubeconfig's path or its content. One that
 * is a secret is had from Pulumi, which can open it if anybody can.
 *
 * @throws Error if Pulumi cannot: another cluster in its place would be asked about an app that is not there
 */
export async function clusterOf(
  config: Pick<StackConfig, "values" | "defaults">,
  env: NodeJS.ProcessEnv,
  cli: Pick<PulumiCli, "ask">,
): Promise<ClusterReference> {
  const kubeconfig = await textAt("kubernetes:kubeconfig", config, cli);
  const ofEnvironment = env.KUBECONFIG === process.env.KUBECONFIG ? undefined : env.KUBECONFIG;
  return { kubeconfig: kubeconfig ?? ofEnvironment, context: await textAt("kubernetes:context", config, cli) };
}

async function textAt(
  key: string,
  { values, defaults = {} }: Pick<StackConfig, "values" | "defaults">,
  cli: Pick<PulumiCli, "ask">,
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
