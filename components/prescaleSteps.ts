import { AsyncResource } from "node:async_hooks";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { engineTakesHooks } from "../src/internal/pulumiSdk/hooks";
import { registered } from "../src/internal/pulumiSdk/registered";
import { specOf, startedSubsets } from "../src/istio/subsets";
import type { Weights } from "../src/istio/weights";
import { type Served, podsForShare, risingVersions, servingAnnotation, servingIn } from "../src/workload/prescaling";
import { scaledElsewhere } from "../src/workload/workloads";
import type { AppContext } from "./appContext";
import { type AppVersion, podsWithin } from "./appVersion";
import { DEFAULTS } from "./canaryAppArgs";
import { RoutesSteps, Turn } from "./routesSteps";

/**
 * Scales autoscaled versions up before their traffic rises (`autoscaling.prescale`).
 *
 * Only the cluster knows how many pods serve, and only the engine, which has the old inputs, knows which version's share
 * rises. So the hook before the VirtualService's update
 *
 * 1. reads from the Deployments of the versions with traffic how many pods they have: an autoscaler may be missing, or
 *    do nothing because there are none,
 * 2. lets the autoscaler of each version whose share rises be registered, with its share of these pods as
 *    `minReplicas`: from then on it removes none of them,
 * 3. sets the Deployment's number, if it is smaller, by a DeploymentPatch, and waits until all pods are ready: an
 *    autoscaler alone would react only every 15 seconds.
 *
 * A version without pods that the new routes send requests to gets its minimum, even if its share does not rise or
 * nothing is known of it: no autoscaler scales from 0.
 *
 * All other autoscalers of these versions are registered after the VirtualService, as declared. The next `up` does so
 * for all of them, as its preview shows: it restores `minReplicas`, and deletes the patch without a change in the
 * cluster.
 *
 * - The hook fails (a number of pods failed): the routes stay as they are, and so does the raised minimum.
 * - No hook runs (a preview, nothing to update, a first deployment, an engine without hooks): nothing is raised.
 */
export class PrescaleSteps extends RoutesSteps {
  private readonly floors = new Map<string, Turn<number>>();
  private readonly routes = new Turn<pulumi.Resource>();
  /** Hooks run outside of the program, but resources can be created only inside. */
  private readonly inProgram = AsyncResource.bind((make: () => unknown) => make()) as <T>(make: () => T) => T;

  private constructor(
    private readonly context: AppContext,
    settleSeconds: pulumi.Input<number>,
  ) {
    super(settleSeconds);
  }

  /** The steps of an app; undefined if no version uses them. */
  static of(context: AppContext, settleSeconds: pulumi.Input<number>): PrescaleSteps | undefined {
    const taken = context.args.versions.some(({ autoscaling }) => autoscaling?.prescale === true);
    return taken ? new PrescaleSteps(context, settleSeconds) : undefined;
  }

  /** The raised minimum of one version's autoscaler; undefined once it is known that it is not raised. */
  floorOf(version: string): pulumi.Output<number | undefined> {
    const turn = new Turn<number>();
    this.floors.set(version, turn);
    const routesDone = this.routes.taken.then(registered).then(() => undefined);
    return pulumi.output(Promise.race([turn.taken, routesDone]));
  }

  /** What the VirtualService records of the versions for the next change. */
  annotations(weights: pulumi.Output<Weights>): pulumi.Output<Record<string, string>> {
    const { args } = this.context;
    const pods = args.versions.map((version): pulumi.Input<Served["pods"]> => {
      const declared = version.autoscaling === undefined ? (version.replicas ?? 1) : "autoscaled";
      return scaledElsewhere(args, version) ? undefined : declared;
    });
    return pulumi
      .all([weights, pods])
      .apply(([inForce, numbers]) =>
        servingAnnotation(
          Object.fromEntries(
            args.versions.map(({ name }, index) => [name, { share: inForce[name] ?? 0, pods: numbers[index] }]),
          ),
        ),
      );
  }

  override begin(routes: pulumi.Resource): void {
    super.begin(routes);
    this.routes.take(routes);
  }

  /** The hooks of the VirtualService; undefined if the engine supports none. */
  hooks(versions: readonly AppVersion[]): pulumi.ResourceHookBinding | undefined {
    if (!engineTakesHooks()) {
      return undefined;
    }
    const byName = Object.fromEntries(this.context.args.versions.map(({ name }, index) => [name, versions[index]]));
    const raise = new pulumi.ResourceHook(`${this.context.name}-prescale`, ({ oldInputs, newInputs }) =>
      this.raise(byName, oldInputs, newInputs),
    );
    return { beforeUpdate: [raise] };
  }

  private async raise(
    versions: Readonly<Record<string, AppVersion>>,
    oldInputs: unknown,
    newInputs: unknown,
  ): Promise<void> {
    const [before, after] = [servingIn(oldInputs), servingIn(newInputs)];
    const rising = new Set(risingVersions(before, after).filter((name) => this.floors.has(name)));
    const started = startedSubsets(specOf(oldInputs), specOf(newInputs)).filter((name) => this.floors.has(name));
    const candidates = [...new Set([...rising, ...started])];
    if (candidates.length === 0) {
      return;
    }
    // A version that this update makes has its fewest pods already.
    const isNew = (name: string) => Object.keys(before).length > 0 && !Object.hasOwn(before, name);
    const served = Object.keys(before).filter((name) => before[name].share > 0);
    const asked = new Set([...served, ...candidates.filter((name) => !isNew(name))]);
    const live = Object.fromEntries(
      await Promise.all([...asked].map(async (name) => [name, await this.podsOf(name, before[name]?.pods)] as const)),
    );
    const serving = served.map((name) => ({ share: before[name].share, pods: live[name] }));
    const raised = candidates.filter((name) => rising.has(name) || live[name] === 0);
    const added = await Promise.all(
      raised.map(async (name) => {
        const { deployment, scaler, autoscaling } = versions[name] as Required<AppVersion>;
        const bounds = await valueOf(autoscaling);
        const floor = podsForShare(after[name].share, serving, bounds);
        this.floors.get(name)?.take(floor);
        await registered(scaler);
        const now = isNew(name) ? (bounds.minReplicas ?? 1) : live[name];
        await registered(this.scaleTo(name, deployment, Math.max(floor, now)));
        return floor > now;
      }),
    );
    await this.settleIf(added.includes(true));
  }

  /** The number of pods that a version had until now: read from the cluster, unless it was fixed. */
  private async podsOf(version: string, declared: Served["pods"]): Promise<number> {
    if (typeof declared === "number") {
      return declared;
    }
    const { name, app, metadata, component } = this.context;
    const id = pulumi.interpolate`${metadata.namespace}/${app}-${version}`;
    const deployment = this.inProgram(() =>
      k8s.apps.v1.Deployment.get(`${name}-${version}-now`, id, { parent: component }),
    );
    await registered(deployment);
    const { replicas } = await valueOf(deployment.spec);
    return replicas ?? 1;
  }

  /** Sets the number of a version's pods, until its autoscaler does; done when all of them are ready. */
  private scaleTo(version: string, deployment: k8s.apps.v1.Deployment, replicas: number): pulumi.Resource {
    const { name: ours, component: parent, args } = this.context;
    const { name, namespace } = deployment.metadata;
    const metadata = { name, namespace, annotations: { "pulumi.com/patchForce": "true" } };
    const readySeconds = args.transition?.readySeconds ?? DEFAULTS.readySeconds;
    // Retained on deletion, with the next update: otherwise the Deployment would briefly drop to one pod.
    const opts = { parent, dependsOn: [deployment], retainOnDelete: true, customTimeouts: podsWithin(readySeconds) };
    return this.inProgram(
      () =>
        new k8s.apps.v1.DeploymentPatch(
          `${ours}-${version}-prescaled`,
          { metadata, spec: { replicas } as PatchSpec },
          opts,
        ),
    );
  }
}

type PatchSpec = k8s.types.input.apps.v1.DeploymentSpecPatch;

function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => void output.apply((value) => void resolve(value)));
}
