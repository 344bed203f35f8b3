import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { engineTakesHooks } from "../src/internal/pulumiSdk/hooks";
import { registered } from "../src/internal/pulumiSdk/registered";
import type { Findings } from "../src/validation/problem";
import { replicaChange } from "../src/workload/replicasByWeight";
import { podsWithin } from "./appVersion";
import type { CanaryAppArgs } from "./canaryAppArgs";
import { RoutesSteps, Turn } from "./routesSteps";

/**
 * Records that pods cannot be scaled up before their traffic with `--parallel 1`: the VirtualService's update waits for
 * the pods, and would wait for ever.
 *
 * @param args Valid as far as they are known.
 */
export function checkParallel(args: CanaryAppArgs, findings: Findings): void {
  if (pulumi.runtime.serialize()) {
    const following = args.replicasFollowWeight === undefined ? [] : [findings.field("replicasFollowWeight")];
    const prescaled = args.versions.flatMap(({ autoscaling }, index) =>
      autoscaling?.prescale === true
        ? [findings.field("versions").field(index).field("autoscaling").field("prescale")]
        : [],
    );
    for (const field of [...following, ...prescaled]) {
      field.add("needs Pulumi to update two resources at the same time", "run pulumi with --parallel 2 or more");
    }
  }
}

/**
 * Scales versions up before a VirtualService sends them more requests, and down after it has sent them fewer.
 *
 * Only the engine has the old inputs, and so only hooks know which versions' pods become fewer. Each version's number
 * is therefore a resource of its own (a DeploymentPatch), which is sent to the engine at the earlier of two moments:
 * when the hook before the VirtualService's update releases it, or when the VirtualService is done.
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
 * - BEFORE → failed: a number of pods failed. The routes stay as they are, and falling numbers are not sent.
 * - UPDATING → failed: rising numbers stay; falling ones are not sent.
 * - No hook runs (a preview, nothing to update, an engine without hooks): HELD → DONE, and every number is sent after that.
 * - A first deployment has no old numbers: none falls, so all are SENT by BEFORE, which runs before the creation, too.
 *
 * BEFORE occupies two of the engine's workers at once: see {@link checkParallel}.
 */
export class ReplicaSteps extends RoutesSteps {
  private readonly scales = new Map<string, k8s.apps.v1.DeploymentPatch>();
  private readonly turns = new Map<string, Turn>();

  /**
   * @param name The start of the hooks' names.
   * @param seconds The propagation delay: how long proxies need to learn of new pods, and to forget old routes.
   * @param readySeconds How long pods have to become available.
   */
  constructor(
    private readonly name: string,
    seconds: pulumi.Input<number>,
    private readonly readySeconds: number,
  ) {
    super(seconds);
  }

  /** The hooks of the VirtualService; undefined if the engine supports none. */
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
   * Registers the number of one version's pods, beside its AppVersion: the VirtualService waits for everything inside
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
    // The declared number wins over whoever scaled it by hand.
    const metadata = { name, namespace, annotations: { "pulumi.com/patchForce": "true" } };
    const spec = pulumi.all([replicas, when]).apply(([all]) => ({ replicas: all[version] }) as PatchSpec);
    // Retained on deletion: otherwise the Deployment, which has no number of its own, would briefly drop to one pod.
    const opts = {
      parent,
      dependsOn: [deployment],
      retainOnDelete: true,
      customTimeouts: podsWithin(this.readySeconds),
    };
    this.turns.set(version, turn);
    this.scales.set(version, new k8s.apps.v1.DeploymentPatch(`${this.name}-${version}`, { metadata, spec }, opts));
  }
}

type PatchSpec = k8s.types.input.apps.v1.DeploymentSpecPatch;
