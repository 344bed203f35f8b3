import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ComponentType } from "../src/internal/componentTypes";
import { NETWORKING_API, baseDestinationRule } from "../src/istio/istioObjects";
import type { Plain } from "../src/istio/plain";
import { portNumbers } from "../src/istio/servicePorts";
import { checkTrafficPolicy } from "../src/istio/trafficPolicy";
import { type Weights, resolveWeights } from "../src/istio/weights";
import { Findings } from "../src/validation/problem";
import { replicasByWeight, replicasFollowWeightCheck } from "../src/workload/replicasByWeight";
import { type AppContext, istioObject } from "./appContext";
import { appMesh, awaitedBy } from "./appMesh";
import { appNamespace } from "./appNamespace";
import { type AppReach, appReach, urlInside } from "./appReach";
import { appRoutes } from "./appRoutes";
import { appGuards } from "./appSecurity";
import { appService, servicePorts } from "./appService";
import { AppVersion } from "./appVersion";
import { type CanaryAppArgs, DEFAULTS, type TransitionArgs } from "./canaryAppArgs";
import { checkCanaryApp } from "./checkCanaryApp";
import { claimApp, claimedReach } from "./claims/claimApp";
import { clusterDomain } from "./clusterDomain";
import { transitionCheck } from "./checkTransition";
import { gatewaySelector } from "./ingressGateway";
import { nativeSidecars } from "./nativeSidecars";
import { onceCreated } from "./onceCreated";
import { type PodCount, ejectionCounts, podCounts, podsTogether } from "./podCounts";
import { PrescaleSteps } from "./prescaleSteps";
import { checkParallel } from "./replicaSteps";
import { parsed, validated } from "./validated";
import { logWarnings } from "./warnings";

/**
 * An app whose versions run side by side and share its traffic by weights. A change of weights updates one object, the
 * VirtualService. A new version is ready before its first request, and a removed one is deleted after its last.
 */
export class CanaryApp extends pulumi.ComponentResource {
  /**
   * Where to call the app, e.g. `http://203.0.113.7`; its name inside the cluster if it has no hosts. With several
   * ports, the URL of the first one.
   */
  readonly url: pulumi.Output<string>;
  /** The effective weights, in percent by version name. */
  readonly weights: pulumi.Output<Record<string, number>>;
  /** The namespace's name. */
  readonly namespace: pulumi.Output<string>;
  /** Each version's Deployment, by version name. */
  readonly deployments: pulumi.Output<Record<string, k8s.apps.v1.Deployment>>;

  constructor(name: string, args: CanaryAppArgs, opts?: pulumi.ComponentResourceOptions) {
    const subject = `CanaryApp "${name}"`;
    const findings = Findings.at();
    const known = checkCanaryApp(name, args, findings);
    findings.throwIfAny(subject);
    checkParallel(args, findings);
    findings.throwIfAny(subject);
    const claiming = claimApp(name, args, opts);
    // The arguments are not passed on as the component's inputs: a change of weights would show up as an update of the
    // component, too.
    super(ComponentType.CanaryApp, name, {}, opts);

    const { appName: app = name, mesh: meshArgs = {}, hosts = DEFAULTS.hosts } = args;
    const awaited = awaitedBy(opts);
    const mesh = appMesh(name, meshArgs, awaited, this);
    const identity = { name, subject, app, args, component: this, awaited, meshed: mesh.meshed };
    const namespace = appNamespace(identity);
    const domain = clusterDomain(subject, meshArgs);
    const context: AppContext = {
      ...identity,
      metadata: { name: app, namespace, labels: { app } },
      host: pulumi.interpolate`${app}.${namespace}.svc.${domain}`,
      ports: servicePorts(subject, args),
    };
    const weights = known.weights === undefined ? weightsLater(context) : pulumi.output(known.weights);
    const replicas = replicasFor(context, weights);
    const pods = podCounts(args, replicas);
    const ejection = ejectionCounts(args);
    const transition = transitionTimes(context);

    const account = new k8s.core.v1.ServiceAccount(
      name,
      { metadata: context.metadata },
      { parent: this, dependsOn: awaited },
    );
    const policy = sharedPolicy(context, podsTogether(args, pods, ejection));
    const reach = appReach(subject, app, args, context.ports);
    const claimed = claimedReach(claiming, app, args, reach.reach, domain);
    const gateway = ownGateway(context, reach);
    const guards = appGuards(context);
    const native = nativeSidecars(meshArgs);
    const prescale = PrescaleSteps.of(context, transition.settleSeconds);
    const versions = appVersions(context, { account, replicas, ejection, transition, native, guards, prescale });
    const service = appService(context, versions);
    logWarnings(this, args, {
      ports: context.ports,
      unrouted: reach.unrouted,
      domain,
      weights,
      pods,
      ejection,
      native,
    });
    const rules = appRoutes(context, {
      reach: claimed,
      weights,
      replicas,
      prescale,
      settleSeconds: transition.settleSeconds,
      versions,
      after: [...policy, ...gateway, service],
    });

    this.weights = onceCreated(weights);
    this.namespace = namespace;
    this.deployments = pulumi.output(
      Object.fromEntries(versions.map(({ deployment }, index) => [args.versions[index].name, deployment])),
    );
    this.url =
      hosts.length > 0
        ? reach.urlAt(mesh.gatewayAddress(`${name}-address`))
        : pulumi.all([context.host, onceCreated(context.ports)]).apply(([host, ports]) => urlInside(host, ports));
    this.registerOutputs({
      url: this.url,
      weights: this.weights,
      namespace: this.namespace,
      deployments: this.deployments,
      // For `canary`, which may give the VirtualService new weights before the \`up\` that records them.
      weightedRules: rules,
    });
  }
}

/** The weights, if they are not known before anything is registered. */
function weightsLater({ subject, args }: AppContext): pulumi.Output<Weights> {
  const { versions, weight, weights } = args;
  const names = versions.map((version) => version.name);
  return parsed(subject, "", { weight, weights }, (given, findings) => resolveWeights(names, given, findings));
}

/** The number of pods that each version needs for its weight; undefined if the number does not follow the weight. */
function replicasFor(
  { subject, args: { replicasFollowWeight: follow } }: AppContext,
  weights: pulumi.Output<Weights>,
): pulumi.Output<Record<string, number>> | undefined {
  return (
    follow &&
    pulumi
      .all([weights, validated(subject, "replicasFollowWeight", follow, replicasFollowWeightCheck)])
      .apply(([inForce, given]) => replicasByWeight(inForce, given))
  );
}

/** The times of a transition that may become known late. */
type TransitionTimes = Required<Plain<Omit<TransitionArgs, "readySeconds">>>;

function transitionTimes({ subject, args }: AppContext): pulumi.Output<TransitionTimes> {
  const given: TransitionArgs = args.transition ?? {};
  return validated(subject, "transition", given, transitionCheck).apply(
    ({ settleSeconds, drainSeconds, graceSeconds }) => ({
      settleSeconds: settleSeconds ?? DEFAULTS.settleSeconds,
      drainSeconds: drainSeconds ?? DEFAULTS.drainSeconds,
      graceSeconds: graceSeconds ?? DEFAULTS.graceSeconds,
    }),
  );
}

/**
 * Registers the DestinationRule that all versions share, if there is anything for it to say.
 *
 * @param pods The number of pods of all versions together that the ejection share is derived from.
 */
function sharedPolicy(context: AppContext, pods: PodCount): pulumi.Resource[] {
  const { subject, args, host, ports } = context;
  if (args.trafficPolicy === undefined) {
    return [];
  }
  const policy = validated(subject, "trafficPolicy", args.trafficPolicy, checkTrafficPolicy);
  const spec = pulumi
    .all([host, policy, pods, ports.apply(portNumbers)])
    .apply(([to, given, all, servicePorts]) => baseDestinationRule(to, given, { pods: all, servicePorts }));
  return [istioObject(context, "policy", { apiVersion: NETWORKING_API, kind: "DestinationRule", spec })];
}

/** Registers the app's own Gateway, if the app has hosts and uses no existing Gateway. */
function ownGateway(context: AppContext, { ownGateway: specFor }: AppReach): pulumi.Resource[] {
  if (specFor === undefined) {
    return [];
  }
  const spec = specFor(pulumi.output(context.args.mesh?.gateway ?? {}).apply(gatewaySelector));
  return [istioObject(context, "gateway", { apiVersion: NETWORKING_API, kind: "Gateway", spec })];
}

/** What versions take from the app, besides its context. */
interface Shared {
  account: k8s.core.v1.ServiceAccount;
  replicas?: pulumi.Output<Record<string, number>>;
  /** The number of pods that each version's ejection share is derived from. */
  ejection: readonly PodCount[];
  transition: pulumi.Output<TransitionTimes>;
  /** The steps of autoscaled versions that are scaled up before their traffic. */
  prescale?: PrescaleSteps;
  /** Whether sidecars end after the app's containers. */
  native: pulumi.Output<boolean>;
  /** The security objects, which exist before the pods. */
  guards: pulumi.Resource[];
}

/** Registers everything that belongs to single versions, in the order of the arguments. */
function appVersions(
  { name, app, args, component, metadata: { namespace }, host, ports, meshed }: AppContext,
  { account, replicas, ejection, transition, native, guards, prescale }: Shared,
): AppVersion[] {
  const drain = pulumi
    .all([transition, native])
    .apply(([{ settleSeconds: settle, drainSeconds: preStop, graceSeconds: grace }, nativeSidecar]) => ({
      settle,
      preStop,
      grace,
      nativeSidecar,
    }));
  return args.versions.map(
    (version, index) =>
      new AppVersion(
        `${name}-${version.name}`,
        {
          app,
          version,
          namespace,
          host,
          ports,
          serviceAccountName: account.metadata.name,
          drain,
          readySeconds: args.transition?.readySeconds ?? DEFAULTS.readySeconds,
          after: [...meshed, ...guards],
          shared: args,
          byWeight: replicas?.apply((all) => all[version.name]),
          ejection: { pods: ejection[index], servicePorts: ports.apply(portNumbers), service: args.trafficPolicy },
          floor: version.autoscaling?.prescale === true ? prescale?.floorOf(version.name) : undefined,
        },
        { parent: component },
      ),
  );
}
