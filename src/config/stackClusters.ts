import { stat } from "node:fs/promises";
import { listed } from "../internal/format";
import type { ClusterReference } from "../internal/kubernetes/api";
import { homeOf, isKubeconfigContent, kubeconfigPath } from "../internal/kubernetes/target";
import { isSecretSent } from "../internal/pulumiSdk/marks";
import { type ClusterSources, defaultCluster, inEnvironment, isDefaultProviderDisabled } from "./cluster";
import { type StackExport, type StackResource, readStackExport } from "./stackExport";

const PROVIDER = "pulumi:providers:kubernetes";

/** Which app is meant, by its objects' labels. */
export interface AppReference {
  app: string;
  namespace: string;
}

/**
 * The clusters in which a stack's objects are, as its state has them: each object names its provider, and a provider of
 * the program's own has the kubeconfig, the context and the cluster that the program gave it. For the default provider
 * that is what the stack's config says.
 */
export class StackClusters {
  /**
   * @param sources What tells which cluster the default provider uses.
   * @param state Reads the stack's state; asked once for each question.
   */
  constructor(
    private readonly sources: ClusterSources,
    private readonly state: () => Promise<StackExport>,
  ) {}

  /**
   * The cluster that an app's Deployments are in.
   *
   * @throws Error that says why it is not known, and what to do
   */
  async ofApp({ app, namespace }: AppReference): Promise<ClusterReference> {
    const { resources } = await this.read();
    const deployments = resources.filter((resource) => isDeploymentOf(app, resource));
    const inNamespace = deployments.filter(({ inputs }) => inputs?.metadata?.namespace === namespace);
    const providers = providersOf(inNamespace.length > 0 ? inNamespace : deployments);
    if (providers.length > 1) {
      throw new Error(
        `the app ${app} of namespace ${namespace} is in the state of the stack with ${providers.length} Kubernetes providers, ${listed(providers.map(nameOf))}, so it is not known which cluster is meant: give each cluster's app a stack of its own`,
      );
    }
    return providers.length === 1 ? this.ofProvider(providers[0]) : this.beforeFirstUp(app, resources);
  }

  /**
   * The clusters that the stack's objects are in, one for each provider; before the first `up` the default provider's.
   *
   * @throws Error that says why they are not known, and what to do
   */
  async all(): Promise<ClusterReference[]> {
    const { resources } = await this.read();
    const providers = providersOf(resources);
    return providers.length === 0
      ? [await this.beforeFirstUp("", resources)]
      : Promise.all(providers.map((provider) => this.ofProvider(provider)));
  }

  /**
   * The cluster that a provider talks to.
   *
   * @param provider Its reference as resources have it, `URN::ID`.
   * @throws Error if it is not in the state, or holds a secret that cannot be opened
   */
  async ofProvider(provider: string): Promise<ClusterReference> {
    if (isDefault(provider)) {
      return defaultCluster(this.sources);
    }
    const inputs = (await this.read()).resources.find(({ urn }) => urn === urnOf(provider))?.inputs;
    if (inputs === undefined) {
      throw new Error(
        `the Kubernetes provider ${nameOf(provider)} is not in the state of the stack, so its cluster is not known before it has been brought up with \`pulumi up\``,
      );
    }
    const { kubeconfig, context, cluster } = [inputs.kubeconfig, inputs.context, inputs.cluster].some(isSecretSent)
      ? await this.opened(provider)
      : inputs;
    return {
      ...inEnvironment(this.sources.env, this.sources.folder),
      ...(await this.kubeconfigOf(textOf(kubeconfig))),
      context: textOf(context),
      cluster: textOf(cluster),
    };
  }

  /**
   * A provider's kubeconfig. Pulumi's SDK fills in what KUBECONFIG was at the last `up`: a path of another machine, or of
   * another job, gives way to what KUBECONFIG is now.
   */
  private async kubeconfigOf(given: string | undefined): Promise<ClusterReference> {
    const { env, folder } = this.sources;
    if (given === undefined || isKubeconfigContent(given) || !env.KUBECONFIG) {
      return given === undefined ? {} : { kubeconfig: given };
    }
    const isThere = await stat(kubeconfigPath(given, homeOf(env), folder)).then(
      () => true,
      () => false,
    );
    return { kubeconfig: isThere ? given : env.KUBECONFIG };
  }

  /** A provider's inputs with their secrets. */
  private async opened(provider: string): Promise<NonNullable<StackResource["inputs"]>> {
    const { resources } = await readStackExport(this.sources.cli, "--show-secrets").catch((error: Error) => {
      throw new Error(
        `the kubeconfig of the Kubernetes provider ${nameOf(provider)} is a secret that cannot be opened, so its cluster is not known (${error.message}): give Pulumi what opens the stack's secrets, such as PULUMI_CONFIG_PASSPHRASE`,
      );
    });
    return resources.find(({ urn }) => urn === urnOf(provider))?.inputs ?? {};
  }

  /** Where nothing of the app is in the state yet: the default provider's cluster, unless it may be another one. */
  private async beforeFirstUp(app: string, resources: readonly StackResource[]): Promise<ClusterReference> {
    const own = resources.filter(({ type, urn }) => type === PROVIDER && !isDefault(urn)).map(({ urn }) => nameOf(urn));
    const what = app === "" ? "no Kubernetes object is" : `no Deployment of the app ${app} is`;
    const todo = "bring the stack up once with `pulumi up`";
    if (own.length > 0) {
      throw new Error(
        `${what} in the state of the stack, which has ${own.length === 1 ? "the Kubernetes provider" : "the Kubernetes providers"} ${listed(own)}, so its cluster is not known: ${todo}`,
      );
    }
    if (isDefaultProviderDisabled(this.sources.config)) {
      throw new Error(
        `${what} in the state of the stack, and pulumi:disable-default-providers forbids the default Kubernetes provider, so its cluster is not known: ${todo}`,
      );
    }
    return defaultCluster(this.sources);
  }

  private read(): Promise<StackExport> {
    return this.state().catch((error: Error) => {
      throw new Error(
        `the state of the stack cannot be read, so the cluster of its objects is not known (${error.message})`,
      );
    });
  }
}

function isDeploymentOf(app: string, { type, inputs, delete: isGoing }: StackResource): boolean {
  return (
    isGoing !== true &&
    type.startsWith("kubernetes:apps/") &&
    type.endsWith(":Deployment") &&
    inputs?.metadata?.labels?.app === app
  );
}

/** The providers of some Kubernetes objects, each once. Versions of the default provider are one: it has one config. */
function providersOf(resources: readonly StackResource[]): string[] {
  const references = resources
    .filter(({ type, delete: isGoing }) => type.startsWith("kubernetes:") && isGoing !== true)
    .flatMap(({ provider }) => provider ?? []);
  return [...new Map(references.map((each) => [isDefault(each) ? "default" : urnOf(each), each])).values()];
}

/** A reference is the provider's URN, `::`, and its ID. */
function urnOf(reference: string): string {
  return reference.split("::").slice(0, 4).join("::");
}

function nameOf(reference: string): string {
  return reference.split("::")[3] ?? reference;
}

/** As the engine has it: a default provider is called `default`, or `default_` and its version. */
function isDefault(reference: string): boolean {
  return /^default(_\d.*)?$/.test(nameOf(reference));
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
