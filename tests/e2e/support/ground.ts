import type { Kubectl } from "./kubectl";
import { forgetStacks } from "./stackFiles";
import { until } from "./workload";

/** Something on the cluster that several suites share. */
export interface Shared {
  namespaces: readonly string[];
  /** The names of its objects that are in no namespace. */
  clusterWide?: RegExp;
  /** The stack that it is made by. */
  stack: string;
  /** Has it made anew by the next suite that wants it. */
  forget(): void;
}

/** What is in no namespace, and whose it is if it is none of a suite's: a fresh cluster's own. */
const KINDS: Readonly<Record<string, RegExp>> = {
  namespaces: /^(default|kube-.*)$/,
  clusterroles: /^(system:.*|cluster-admin|admin|edit|view)$/,
  clusterrolebindings: /^(system:.*|kubeadm:.*|cluster-admin)$/,
  mutatingwebhookconfigurations: /^$/,
  validatingwebhookconfigurations: /^$/,
  persistentvolumes: /^$/,
};

/** What has the gateway send requests to a namespace. */
const ROUTES = "virtualservices.networking.istio.io,gateways.networking.istio.io";

interface Left {
  kind: string;
  name: string;
}

/**
 * The ground that suites stand on: the cluster, and the files of the stacks on it. A suite does not take away what it
 * has brought up: the ground is cleared before the next one, whatever became of it. Istio's definitions stay, as they
 * do when Istio is destroyed.
 */
export class Ground {
  private readonly shared = new Set<Shared>();

  constructor(
    private readonly kubectl: Kubectl,
    /** The folder of the stacks' states. */
    private readonly stateFolder: string,
  ) {}

  /** Has something stay until the ground is cleared altogether. */
  share(what: Shared): void {
    this.shared.add(what);
  }

  /**
   * Takes away what is not shared. What is deleted then answers nobody any more, but it takes the cluster some seconds
   * to let go of a namespace: who wants one of the same name has to {@link claim} it.
   */
  async clear(): Promise<void> {
    await forgetStacks(this.stateFolder, [...this.shared].map(({ stack }) => stack));
    await this.remove(await this.left());
  }

  /** Takes away what is shared, too, and waits until the cluster is as a fresh one. */
  async clearAltogether(): Promise<void> {
    this.giveUp([...this.shared]);
    await this.clear();
    await until("the cluster is as a fresh one", async () => (await this.left()).length === 0, 120);
  }

  /** Waits until a namespace is gone that an earlier suite had; what is shared and has it is taken away. */
  async claim(namespace: string): Promise<void> {
    const holders = [...this.shared].filter(({ namespaces }) => namespaces.includes(namespace));
    if (holders.length > 0) {
      this.giveUp(holders);
      await this.clear();
    }
    const isGone = async () => !(await this.kubectl.names("namespaces")).includes(namespace);
    await until(`the namespace ${namespace} is gone`, isGone, 120);
  }

  private giveUp(what: readonly Shared[]): void {
    what.forEach((each) => this.shared.delete(each));
    what.forEach(({ forget }) => forget());
  }

  private async left(): Promise<Left[]> {
    const found = Object.entries(KINDS).map(async ([kind, own]) => {
      const names = (await this.kubectl.names(kind)).filter((name) => !own.test(name) && !this.isShared(kind, name));
      return names.map((name) => ({ kind, name }));
    });
    return (await Promise.all(found)).flat();
  }

  private isShared(kind: string, name: string): boolean {
    const has = ({ namespaces, clusterWide }: Shared) =>
      kind === "namespaces" ? namespaces.includes(name) : clusterWide?.test(name);
    return [...this.shared].some(has);
  }

  private async remove(left: readonly Left[]): Promise<void> {
    const namesOf = (kind: string) => left.filter((each) => each.kind === kind).map(({ name }) => name);
    for (const kind of Object.keys(KINDS).filter((each) => each !== "namespaces" && namesOf(each).length > 0)) {
      await this.delete(kind, ...namesOf(kind));
    }
    await Promise.all(namesOf("namespaces").map((name) => this.removeNamespace(name)));
  }

  /** Its routes first, then its pods, which are given no time to end well: nobody calls them any more. */
  private async removeNamespace(name: string): Promise<void> {
    await this.delete(ROUTES, "--all", "-n", name).catch(() => undefined); // there may be no Istio
    await this.delete("namespace", name);
    await this.delete("pods", "--all", "-n", name, "--grace-period=1");
  }

  private async delete(...args: string[]): Promise<void> {
    await this.kubectl.run("delete", "--wait=false", "--ignore-not-found", ...args);
  }
}
