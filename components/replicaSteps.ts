import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { engineTakesHooks } from "../src/internal/pulumiSdk/hooks";
import { registered } from "../src/internal/pulumiSdk/registered";
import type { Findings } from "../src/validation/problem";
import { replicaChange } from "../src/workload/replicasByWeight";
import { podsWithin } from "./appVersion";
import type { CanaryAppArgs } from "./canaryAppArgs";

/**
 * Records that an app's pods cannot follow its weights where the engine takes one resource at a time: the update of the
 * VirtualService is under way while it waits for the numbers of pods, so it would wait for ever.
 *
 * @param args As they were given, be they arguments or not.
 */
export function checkParallel(args: Partial<CanaryAppArgs> | undefined, findings: Findings): void {
  if (args?.replicasFollowWeight !== undefined && pulumi.runtime.serialize()) {
    findings
      .field("replicasFollowWeight")
      .add("needs two resources to be under way at once", "run pulumi with --parallel 2 or more");
  }
}

/**
 * Scales versions up before a VirtualService sends them more requests, and down after it has sent them fewer.
 *
 * Which versions' pods become fewer is known only to the engine, which has the old inputs. So each version's number is
 * a resource of its own (a DeploymentPatch), which is sent to the engine at the first of two moments: when the hook
 * before the VirtualService's update lets it through, or when the VirtualService is done.
 *
 *     VirtualService      HELD ──────► BEFORE ──────► UPDATING ─────► AFTER ───► DONE
 *                          until no     (hook)          routes         (hook)
 *                          other app    takes turns,    change         settles if
 *                          is in its    waits for                      any falls
 *                          steps        those, settles
 *                                       if any rises
 *
 *     number, not falling  WAITING ───► SENT ► READY                                  turn taken by BEFORE
 *     number, falling      WAITING ─────────────────────────────────────────► SENT    VirtualService done
 *
 * - BEFORE → failed: a number of pods failed. The routes stay as they are, and the numbers that fall are not sent.
 * - UPDATING → failed: the numbers that rise stay; those that fall are not sent.
 * - No hook runs (a preview, nothing to update, an engine without hooks): HELD → DONE, and every number follows it.
 * - A first deployment has no old numbers: none falls, so all are SENT by BEFORE, which runs before the creation, too.
 *
 * Two workers of the engine are taken at once in BEFORE: see {@link checkParallel}. Apps of one program take their steps
 * one after the other, or each would hold a worker while it waits for one.
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
  ) {}

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
