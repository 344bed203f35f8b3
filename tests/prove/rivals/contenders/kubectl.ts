import {
  APP,
  deployment,
  destinationRule,
  GATEWAY,
  NAMESPACE,
  NAMESPACE_OBJECT,
  SERVICE,
  virtualService,
} from "../app";
import type { Contender, Ground } from "../contender";
import { type Shares, Weighted } from "./weighted";

/** A script of `kubectl` commands. */
export const kubectl: Contender = {
  name: "kubectl",
  title: "`kubectl patch`, by a script",
  setup:
    "objects applied once; each step patches the VirtualService; a version is added with `apply` and `rollout status` and removed with `delete`",
  review: "the diff of the script, if there is one; `kubectl diff` of each object",
  asked: "each step is a command",
  aftermath: 10,
  open: (ground) => new KubectlApp(ground).open(),
};

class KubectlApp extends Weighted {
  constructor(private readonly ground: Ground) {
    super();
  }

  protected async apply(shares: Shares, before: Shares | undefined): Promise<void> {
    const { kubectl } = this.ground;
    const [now, old] = [Object.keys(shares), Object.keys(before ?? {})];
    const added = now.filter((version) => !old.includes(version));
    const removed = old.filter((version) => !now.includes(version));
    if (before === undefined) {
      await this.send([NAMESPACE_OBJECT, SERVICE, GATEWAY]);
    }
    if (added.length > 0) {
      await this.send([...added.map(deployment), subsetsOf([...old, ...added])]);
      await Promise.all(
        added.map((version) => kubectl.run("rollout", "status", "-n", NAMESPACE, `deployment/${APP}-${version}`)),
      );
    }
    if (before === undefined) {
      await kubectl.apply(virtualService(shares));
    } else {
      await kubectl.run(
        "patch",
        "virtualservice",
        APP,
        "-n",
        NAMESPACE,
        "--type=merge",
        "-p",
        JSON.stringify({ spec: virtualService(shares).spec }),
      );
    }
    if (removed.length > 0) {
      await kubectl.apply(subsetsOf(now));
      await kubectl.run("delete", "deployment", "-n", NAMESPACE, ...removed.map((version) => `${APP}-${version}`));
    }
  }

  async close(): Promise<void> {
    await this.ground.kubectl.run("delete", "namespace", NAMESPACE);
  }

  private async send(objects: readonly object[]): Promise<void> {
    await this.ground.kubectl.send(
      JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }),
      "apply",
      "-f",
      "-",
    );
  }
}

function subsetsOf(versions: readonly string[]): object {
  return destinationRule(Object.fromEntries(versions.map((version) => [version, { version }])));
}
