import type { Kubectl } from "./kubectl";
import { endWorkOn } from "./children";
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

/** What is in no namespace, and may be left by a suite. */
const KINDS = [
  "namespaces",
  "clusterroles",
  "clusterrolebindings",
  "mutatingwebhookconfigurations",
  "validatingwebhookconfigurations",
  "persistentvolumes",
];

/** What of it a fresh cluster has, as `kind/name`. */
const OF_CLUSTER = [
  /^namespace\/(default|kube-.*)$/,
  /^clusterrole\..*\/(system:.*|cluster-admin|admin|edit|view)$/,
  /^clusterrolebinding\..*\/(system:.*|kubeadm:.*|cluster-admin)$/,
];

const NAMESPACE = /^namespace\/(.*)$/;

/** What has the gateway send requests to a namespace. */
const ROUTES = "virtualservices.networking.istio.io,gateways.networking.istio.io";

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
    endWorkOn(this.stateFolder);
    await forgetStacks(
      this.stateFolder,
      [...this.shared].map(({ stack }) => stack),
    );
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

  /** What is not shared, as `kind/name`. */
  private async left(): Promise<string[]> {
    const all = (await this.kubectl.run("get", KINDS.join(), "-o", "name")).split("\n").filter((line) => line !== "");
    return all.filter((each) => !OF_CLUSTER.some((own) => own.test(each)) && !this.isShared(each));
  }

  private isShared(object: string): boolean {
    const [, namespace] = NAMESPACE.exec(object) ?? [];
    return [...this.shared].some(({ namespaces, clusterWide }) =>
      namespace === undefined ? clusterWide?.test(object) : namespaces.includes(namespace),
    );
  }

  private async remove(left: readonly string[]): Promise<void> {
    const others = left.filter((each) => !NAMESPACE.test(each));
    await (others.length > 0 && this.delete(...others));
    await Promise.all(
      left.flatMap((each) => NAMESPACE.exec(each)?.[1] ?? []).map((name) => this.removeNamespace(name)),
    );
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
