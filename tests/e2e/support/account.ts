import { readFile, writeFile } from "node:fs/promises";
import { parse, stringify } from "yaml";
import type { Kubectl } from "./kubectl";

/** A ServiceAccount with what rights a test gives it. */
export class Account {
  constructor(
    private readonly kubectl: Kubectl,
    readonly namespace: string,
    readonly name: string,
  ) {}

  /** Makes it. */
  async create(): Promise<void> {
    await this.kubectl.apply({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { namespace: this.namespace, name: this.name },
    });
  }

  /** Binds it to a ClusterRole: in a namespace, or in all of the cluster. */
  async bind(role: string, namespace?: string): Promise<void> {
    const metadata = { name: `${this.name}-${role}`, ...(namespace === undefined ? {} : { namespace }) };
    const subjects = [{ kind: "ServiceAccount", name: this.name, namespace: this.namespace }];
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role };
    await this.kubectl.apply({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
      metadata,
      subjects,
      roleRef,
    });
  }

  /** Writes a kubeconfig in which it is the user of the cluster that another kubeconfig names. */
  async writeKubeconfig(other: string, file: string): Promise<void> {
    const token = (await this.kubectl.run("create", "token", this.name, "-n", this.namespace, "--duration=2h")).trim();
    const { clusters, ...rest } = parse(await readFile(other, "utf8"));
    const context = { cluster: clusters[0].name, user: this.name };
    const config = {
      ...rest,
      clusters,
      users: [{ name: this.name, user: { token } }],
      contexts: [{ name: this.name, context }],
      "current-context": this.name,
    };
    await writeFile(file, stringify(config), { mode: 0o600 });
  }
}
