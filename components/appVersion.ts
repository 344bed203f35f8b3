import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ComponentType } from "../src/internal/componentTypes";
import { NETWORKING_API, versionDestinationRule } from "../src/istio/istioObjects";
import type { AppPort } from "../src/istio/servicePorts";
import type { TrafficPolicyArgs } from "../src/istio/trafficPolicy";
import { deployment, deploymentAnnotations, versionLabels } from "../src/workload/kubernetesObjects";
import { type Drain, checkDrain } from "../src/workload/drain";
import { type PodSpec, podOfImage, withDrain } from "../src/workload/pod";
import { withSidecarDrain } from "../src/workload/sidecarDrain";
import type { Plain } from "../src/istio/plain";
import { type AutoscalingArgs, autoscalingCheck, horizontalPodAutoscaler } from "../src/workload/autoscaling";
import { disruptionBudgetCheck, podDisruptionBudget } from "../src/workload/disruption";
import { mergePods, podArgsCheck } from "../src/workload/podArgs";
import { UNKNOWN } from "../src/validation/unknown";
import { type VersionArgs, imageCheck, versionPodsCheck, versionPolicyCheck } from "../src/workload/version";
import { type WorkloadArgs, scaledElsewhere } from "../src/workload/workloads";
import { openPodSpec } from "./openPodSpec";
import { scalingStartHooks } from "./scalingStart";
import { validated } from "./validated";
import { versionConfig } from "./versionConfig";
import { withUnknowns } from "./withUnknowns";

/** What a version takes from the app it belongs to. */
export interface AppVersionArgs {
  /** The app's name. */
  app: string;
  /** The version itself. */
  version: VersionArgs;
  /** The namespace's name. */
  namespace: pulumi.Input<string>;
  /** The app's Service inside the cluster. */
  host: pulumi.Input<string>;
  /** The app's ports. */
  ports: pulumi.Output<AppPort[]>;
  /** The ServiceAccount's name. */
  serviceAccountName: pulumi.Input<string>;
  /** How its pods are drained. */
  drain: pulumi.Input<Drain>;
  /** How long its pods have to become available, in seconds. */
  readySeconds: number;
  /** The settings of the workloads of all versions. */
  shared: WorkloadArgs;
  /** Its initial number of pods, if the number follows its weight; it is set elsewhere from then on. */
  byWeight?: pulumi.Input<number>;
  /** What decides which share of its pods may be ejected at once. */
  ejection: EjectionArgs;
  /**
   * The minimum of its autoscaler in place of the declared one, known once the VirtualService's update begins;
   * undefined then for the declared one.
   */
  floor?: pulumi.Input<number | undefined>;
  /** What must exist before its pods, so that they get sidecars, and before its DestinationRule: the control plane. */
  after: pulumi.Input<pulumi.Resource>[];
}

/** What decides which share of a version's pods may be ejected at once. */
export interface EjectionArgs {
  /** The number of pods that the share is derived from; undefined if it is not known. */
  pods: pulumi.Input<number | undefined>;
  /** The Service's ports. */
  servicePorts: pulumi.Input<number[]>;
  /** The service's policy, whose block counts where the version's own policy has none. */
  service?: pulumi.Input<TrafficPolicyArgs>;
}

/**
 * Everything that belongs to one version alone: its Deployment, and its DestinationRule with the version's subset.
 * Pulumi creates it before the VirtualService can refer to it, and deletes it after the VirtualService no longer does.
 */
export class AppVersion extends pulumi.ComponentResource {
  /** The version's pods; done when all of them are available. */
  readonly deployment: k8s.apps.v1.Deployment;
  /** Its autoscaler, if it has one. */
  readonly scaler?: k8s.autoscaling.v2.HorizontalPodAutoscaler;
  /** How its autoscaler scales, if it has one. */
  readonly autoscaling?: pulumi.Output<Plain<AutoscalingArgs>>;
  /**
   * What exists before the VirtualService refers to it: not an autoscaler whose minimum depends on the VirtualService.
   */
  readonly awaited: pulumi.Resource[];

  constructor(name: string, args: AppVersionArgs, opts: pulumi.ComponentResourceOptions) {
    super(ComponentType.AppVersion, name, {}, opts);
    const { app, namespace, after } = args;
    const version = args.version.name;
    const metadata = { name: `${app}-${version}`, namespace, labels: versionLabels(app, version) };
    const subject = `version "${version}" of CanaryApp "${app}"`;

    const {
      podSpec,
      image,
      trafficPolicy,
      autoscaling,
      disruptionBudget = args.shared.disruptionBudget,
    } = args.version;
    const scaling = autoscaling && validated(subject, "autoscaling", autoscaling, autoscalingCheck);
    const external = scaledElsewhere(args.shared, args.version);
    const replicas = external
      ? undefined
      : (scaling?.apply(({ minReplicas = 1 }) => minReplicas) ?? args.byWeight ?? args.version.replicas ?? 1);
    const own = openPodSpec(podSpec) ? podSpec : undefined;
    // The image and the fields of a podSpec are passed to the Deployment as they are, so that one that is unknown in a
    // preview hides nothing else.
    const given = {
      podSpec: own === undefined ? podSpec : UNKNOWN,
      image: image === undefined ? undefined : UNKNOWN,
      replicas,
      pod: args.version.pod,
    };
    const from = image === undefined ? undefined : validated(subject, "", { image }, imageCheck).image;
    const workload = validated(subject, "", given, versionPodsCheck);
    const shared = validated(`CanaryApp "${app}"`, "pod", args.shared.pod ?? {}, podArgsCheck);
    const ending = validated(subject, "", pulumi.all([workload, shared, args.drain, args.ports]), (known, findings) => {
      const [late, common, drain, appPorts] = known;
      const ports = appPorts.map(({ targetPort }) => targetPort);
      checkDrain({ ...late, ports, ...(own && { podSpec: withUnknowns(own) }) }, common, drain, findings);
    });
    const config =
      args.version.config && versionConfig({ name, subject, metadata, component: this }, args.version.config);
    const spec = pulumi
      .all([ending, args.ports, args.serviceAccountName, config])
      .apply(([[late, common, drain], ports, account, sources]) => {
        const podArgs = mergePods(common, late.pod);
        const pod: PodSpec =
          from === undefined ? (own ?? late.podSpec) : podOfImage(app, from, ports, podArgs, sources);
        const whole = withDrain(pod, account, drain);
        const annotations = withSidecarDrain(podArgs.annotations, whole, drain);
        return deployment(app, version, late.replicas, whole, { ...podArgs, annotations });
      });
    const mode = external
      ? "external"
      : scaling !== undefined
        ? "autoscaled"
        : args.byWeight !== undefined
          ? "byWeight"
          : "fixed";
    // Where the number of pods is not fixed, this one is only the initial number: someone else sets it from then on.
    // For an ignored field that used to be ours, Pulumi applies the value that is in the cluster. If the field were
    // left out, Kubernetes would set it to 1.
    const ignoreChanges = mode === "fixed" ? [] : ["spec.replicas"];
    const described = { ...metadata, annotations: deploymentAnnotations(mode) };
    const whole = { metadata: described, spec: spec as pulumi.Output<DeploymentSpec> };
    this.deployment = new k8s.apps.v1.Deployment(name, whole, {
      parent: this,
      dependsOn: after,
      ignoreChanges,
      customTimeouts: podsWithin(args.readySeconds),
      hooks: mode === "autoscaled" && args.floor === undefined ? scalingStartHooks(name, version) : undefined,
    });
    const beside = { parent: this, dependsOn: [this.deployment] };
    if (scaling !== undefined) {
      const scaler = pulumi
        .all([scaling, args.floor])
        .apply(
          ([given, floor]) =>
            horizontalPodAutoscaler(
              metadata.name,
              floor === undefined ? given : { ...given, minReplicas: floor },
            ) as ScalerSpec,
        );
      this.autoscaling = scaling;
      this.scaler = new k8s.autoscaling.v2.HorizontalPodAutoscaler(name, { metadata, spec: scaler }, beside);
    }
    if (disruptionBudget !== undefined) {
      const budget = validated(subject, "disruptionBudget", disruptionBudget, disruptionBudgetCheck);
      new k8s.policy.v1.PodDisruptionBudget(
        name,
        { metadata, spec: budget.apply((given) => podDisruptionBudget(app, version, given)) },
        beside,
      );
    }

    const policy = validated(subject, "", { trafficPolicy }, versionPolicyCheck);
    const rule = pulumi
      .all([args.host, policy, args.ejection])
      .apply(([host, given, ejection]) => versionDestinationRule(host, version, given.trafficPolicy, ejection));
    const subset = new k8s.apiextensions.CustomResource(
      `${name}-subset`,
      { apiVersion: NETWORKING_API, kind: "DestinationRule", metadata, spec: rule },
      // Deleted before the Deployment that it depends on, so that no proxy has a subset whose pods are being deleted.
      { parent: this, dependsOn: [this.deployment, ...after] },
    );
    this.awaited = args.floor === undefined ? [this] : [this.deployment, subset];
    this.registerOutputs({ deployment: this.deployment });
  }
}

/** Tells the engine how long pods may take to become available. */
export function podsWithin(seconds: number): pulumi.CustomTimeouts {
  return { create: `${seconds}s`, update: `${seconds}s` };
}

type ScalerSpec = k8s.types.input.autoscaling.v2.HorizontalPodAutoscalerSpec;
type DeploymentSpec = k8s.types.input.apps.v1.DeploymentSpec;
