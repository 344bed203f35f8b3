import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { engineTakesHooks } from "../src/internal/pulumiSdk/hooks";
import { registered } from "../src/internal/pulumiSdk/registered";
import { replicaChange } from "../src/workload/replicasByWeight";
import { podsWithin } from "./appVersion";

/**
 * Scales versions up before a VirtualService sends them more requests, and down after it has sent them fewer.
 *
 * Which versions' pods become fewer is known only to the engine, which has the old inputs. So each version's number is
 * a resource of its own, whose registration waits: a hook before the VirtualService's update compares the old numbers
 * with the new ones, lets those through that do not fall, and holds the update until their pods are ready; the others
 * go on when the VirtualService is done. Where no hook runs (a preview, or nothing to update), all of them follow the
 * VirtualService.
 */
export class ReplicaSteps {
  private readonly scales = new Map<string, k8s.apps.v1.DeploymentPatch>();
  private readonly turns = new Map<string, Turn>();

  /**
   * @param name The start of the hooks' names.
   * @param seconds How long proxies need to know new pods, and to forget old routes.
   * @param readySeconds How long pods have to become available.
   */
  constructor(
    private readonly name: string,
    private readonly seconds: pulumi.Input<number>,
    private readonly readySeconds: number,
  ) {
    if (pulumi.runtime.serialize()) {
      throw new Error(
        "replicasFollowWeight needs two resources to be under way at once: run pulumi with --parallel 2 or more",
      );
    }
  }

  /**
   * Holds the VirtualService's inputs back until no other app of this program is in the middle of its steps: each holds
   * one of the engine's workers.
   */
  whenAlone<T>(value: pulumi.Output<T>): pulumi.Output<T> {
    const previous = underWay.get(monitor());
    return previous === undefined ? value : pulumi.output(previous).apply(() => value);
  }

  /** Makes the apps that come after this one wait for its VirtualService, whether that succeeds or fails. */
  begin(routes: pulumi.Resource): void {
    underWay.set(
      monitor(),
      registered(routes).then(
        () => true,
        () => false, // the engine says why
      ),
    );
  }

  /** The hooks of the VirtualService; undefined where the engine takes none. */
  hooks(): pulumi.ResourceHookBinding | undefined {
    if (!engineTakesHooks()) {
      return undefined;
    }
    const before = new pulumi.ResourceHook(`${this.name}-scale-before`, async ({ oldInputs, newInputs }) => {
      const { falling, rising } = replicaChange(oldInputs, newInputs);
      const now = [...this.scales].filter(([version]) => !falling.includes(version));
      now.forEach(([version]) => this.turns.get(version)?.take());
      await Promise.all(now.map(([, scale]) => registered(scale)));
      await this.settleIf(rising.length > 0);
    });
    const after = new pulumi.ResourceHook(`${this.name}-scale-after`, ({ oldInputs, newInputs }) =>
      this.settleIf(replicaChange(oldInputs, newInputs).falling.length > 0),
    );
    return { beforeCreate: [before], beforeUpdate: [before], afterUpdate: [after] };
  }

  /**
   * Registers the number of one version's pods, beside its AppVersion: the VirtualService waits for all that is in
   * that.
   */
  scale(
    deployment: k8s.apps.v1.Deployment,
    version: string,
    replicas: pulumi.Output<Record<string, number>>,
    routes: pulumi.Resource,
    parent: pulumi.Resource,
  ): void {
    const turn = new Turn();
    const when = Promise.race([turn.taken, registered(routes)]);
    const { name, namespace } = deployment.metadata;
    // Whoever scaled it by hand gives way to what is declared.
    const metadata = { name, namespace, annotations: { "pulumi.com/patchForce": "true" } };
    const spec = pulumi.all([replicas, when]).apply(([all]) => ({ replicas: all[version] }) as PatchSpec);
    // Kept when it goes: or the Deployment, which has no number of its own, would fall to one pod for a moment.
    const opts = {
      parent,
      dependsOn: [deployment],
      retainOnDelete: true,
      customTimeouts: podsWithin(this.readySeconds),
    };
    this.turns.set(version, turn);
    this.scales.set(version, new k8s.apps.v1.DeploymentPatch(`${this.name}-${version}`, { metadata, spec }, opts));
  }

  private async settleIf(needed: boolean): Promise<void> {
    if (needed) {
      await new Promise<void>(
        (resolve) => void pulumi.output(this.seconds).apply((known) => void setTimeout(resolve, known * 1000)),
      );
    }
  }
}

type PatchSpec = k8s.types.input.apps.v1.DeploymentSpecPatch;

/** By program run: whether the VirtualService that was registered last succeeded, once it is done. */
const underWay = new WeakMap<object, Promise<boolean>>();

/** What the program run is known by. */
function monitor(): object {
  return pulumi.runtime.getMonitor() as object;
}

/** A moment that someone else brings about. */
class Turn {
  readonly taken: Promise<void>;
  take!: () => void;

  constructor() {
    this.taken = new Promise((resolve) => (this.take = resolve));
  }
}

/** Hooks one after the other. */
export function joined(
  first: pulumi.ResourceHookBinding = {},
  second: pulumi.ResourceHookBinding = {},
): pulumi.ResourceHookBinding {
  return {
    beforeCreate: [...(first.beforeCreate ?? []), ...(second.beforeCreate ?? [])],
    beforeUpdate: [...(first.beforeUpdate ?? []), ...(second.beforeUpdate ?? [])],
    afterUpdate: [...(first.afterUpdate ?? []), ...(second.afterUpdate ?? [])],
  };
}
