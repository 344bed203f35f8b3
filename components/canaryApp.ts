import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { engineTakesHooks } from "../src/internal/pulumiSdk/hooks";
import { NETWORKING_API, baseDestinationRule, virtualService } from "../src/istio/istioObjects";
import { dnsLabel, port as portCheck } from "../src/validation/values";
import type { Plain } from "../src/istio/plain";
import { Findings } from "../src/validation/problem";
import { EVERY_REQUEST } from "../src/istio/route";
import { checkRouting } from "../src/istio/routing";
import { stickinessOf } from "../src/istio/sticky";
import { checkTrafficPolicy } from "../src/istio/trafficPolicy";
import { resolveWeights } from "../src/istio/weights";
import { service } from "../src/workload/kubernetesObjects";
import { replicasAnnotation, replicasByWeight, replicasFollowWeightCheck } from "../src/workload/replicasByWeight";
import { type CanaryAppArgs, DEFAULTS, type NamespaceArgs, type TransitionArgs } from "./canaryAppArgs";
import { checkCanaryApp } from "./checkCanaryApp";
import { transitionCheck } from "./checkTransition";
import { appGuards } from "./appSecurity";
import { appReach } from "./appReach";
import { gatewayAddress, gatewaySelector } from "./ingressGateway";
import { IstioMesh } from "./istioMesh";
import { logPolicyWarnings } from "./policyWarnings";
import { portWarnings } from "./portWarnings";
import { ReplicaSteps, joined } from "./replicaSteps";
import { isPortNamed, servedPort } from "./servedPort";
import { settleHooks } from "./settle";
import { parsed, validated } from "./validated";
import { AppVersion } from "./appVersion";

/**
 * An app whose versions run side by side and share its traffic by weights. A change of weights updates one object, the
 * VirtualService; a version that comes is there before its first request, one that goes is removed after its last.
 */
export class CanaryApp extends pulumi.ComponentResource {
  /** Where to call the app, e.g. `http://203.0.113.7`; its name inside the cluster if it has no hosts. */
  readonly url: pulumi.Output<string>;
  /** The weights in force, in percent by version name. */
  readonly weights: pulumi.Output<Record<string, number>>;
  /** The namespace's name. */
  readonly namespace: pulumi.Output<string>;
  /** Every version's Deployment, by version name. */
  readonly deployments: pulumi.Output<Record<string, k8s.apps.v1.Deployment>>;

  constructor(name: string, args: CanaryAppArgs, opts?: pulumi.ComponentResourceOptions) {
    const subject = `CanaryApp "${name}"`;
    const findings = Findings.at();
    const known = checkCanaryApp(name, args, findings);
    findings.throwIfAny(subject);
    // Without the arguments as inputs of its own: a weight change would be told as an update of the component, too.
    super("canary-app:index:CanaryApp", name, {}, opts);

    const { appName: app = name, mesh = {}, hosts = DEFAULTS.hosts } = args;
    const { install = true, revision, ...istio } = mesh;
    const installed = install ? new IstioMesh(`${name}-mesh`, istio, { parent: this }) : undefined;
    const waiting = { parent: this, dependsOn: awaited(opts) };
    const after = installed === undefined ? waiting.dependsOn : [installed.controlPlane, ...waiting.dependsOn];
    const meshed = { parent: this, dependsOn: after };
    const injection =
      revision === undefined
        ? pulumi.output(injectionLabel())
        : validated(subject, "mesh.revision", revision, dnsLabel()).apply(injectionLabel);
    const namespace = ownNamespace(name, app, args.namespace ?? {}, injection, meshed);
    const host = pulumi.interpolate`${app}.${namespace}.svc.cluster.local`;
    const port = validated(subject, "service.port", args.service?.port ?? DEFAULTS.port, portCheck);
    const targetPort = validated(
      subject,
      "service.targetPort",
      args.service?.targetPort ?? DEFAULTS.targetPort,
      portCheck,
    );
    const transition = validated(subject, "transition", args.transition ?? {}, transitionCheck).apply(withDefaults);

    const metadata = { name: app, namespace, labels: { app } };
    const account = new k8s.core.v1.ServiceAccount(name, { metadata }, waiting);
    const istioObject = (
      suffix: string,
      kind: string,
      spec: pulumi.Input<object>,
      more: pulumi.CustomResourceOptions = {},
      annotations?: Annotations,
    ) =>
      new k8s.apiextensions.CustomResource(
        `${name}-${suffix}`,
        {
          apiVersion: NETWORKING_API,
          kind,
          metadata: annotations === undefined ? metadata : { ...metadata, annotations },
          spec,
        },
        { ...meshed, ...more },
      );

    const shared: pulumi.Resource[] = [];
    if (args.trafficPolicy !== undefined) {
      const policy = validated(subject, "trafficPolicy", args.trafficPolicy, checkTrafficPolicy);
      shared.push(
        istioObject(
          "policy",
          "DestinationRule",
          pulumi.all([host, policy]).apply(([to, given]) => baseDestinationRule(to, given)),
        ),
      );
    }
    const { reach, ownGateway, urlAt } = appReach(subject, app, args);
    if (ownGateway !== undefined) {
      shared.push(
        istioObject("gateway", "Gateway", ownGateway(pulumi.output(mesh.gateway ?? {}).apply(gatewaySelector))),
      );
    }
    const guards = appGuards(subject, name, app, args, metadata, meshed);

    const names = args.versions.map((version) => version.name);
    const { weight, weights: byName } = args;
    const weights =
      known.weights === undefined
        ? parsed(subject, "", { weight, weights: byName }, (given, problems) => resolveWeights(names, given, problems))
        : pulumi.output(known.weights);
    const following =
      args.replicasFollowWeight &&
      validated(subject, "replicasFollowWeight", args.replicasFollowWeight, replicasFollowWeightCheck);
    const byWeight =
      following && pulumi.all([weights, following]).apply(([inForce, given]) => replicasByWeight(inForce, given));
    const drain = transition.apply(({ drainSeconds: preStop, graceSeconds: grace }) => ({ preStop, grace }));
    const readySeconds = args.transition?.readySeconds ?? DEFAULTS.readySeconds;
    const versions = args.versions.map((version) => {
      const versionArgs = {
        app,
        version,
        namespace,
        host,
        targetPort,
        serviceAccountName: account.metadata.name,
        drain,
        readySeconds,
        after: [...after, ...guards],
        shared: args,
        byWeight: byWeight?.apply((all) => all[version.name]),
      };
      return new AppVersion(`${name}-${version.name}`, versionArgs, { parent: this });
    });

    const serviceSpec = pulumi
      .all([port, servedPort(args, targetPort)])
      .apply(([from, to]) => service(app, from, to, args.service?.protocol));
    // Pods become its endpoints later, so waiting for one here would wait for ever.
    const waitless = { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } };
    const hooks = engineTakesHooks() ? { beforeUpdate: [portWarnings(name, this)] } : undefined;
    // Where it goes from the port's number to its name, those that have no such name are replaced first.
    const named = isPortNamed(args) ? versions : [];
    const front = new k8s.core.v1.Service(
      name,
      { metadata: waitless, spec: serviceSpec },
      { ...waiting, dependsOn: [...waiting.dependsOn, ...named], hooks },
    );
    shared.push(front);

    logPolicyWarnings(this, args, port, weights);
    const { routes = [...EVERY_REQUEST], sticky } = args;
    const rules = validated(subject, "", { routes, sticky, reach, namespace }, (given, problems) =>
      checkRouting(given, { versions: names, entrances: given.reach, namespace: given.namespace }, problems),
    );
    const routing = pulumi
      .all([reach, host, port, rules, weights])
      .apply(([from, to, number, given, inForce]) =>
        virtualService(from, { host: to, port: number }, given.routes, inForce, stickinessOf(app, given.sticky)),
      );
    const settle = settleHooks(name, transition.settleSeconds);
    if (byWeight === undefined) {
      istioObject("routes", "VirtualService", routing, { dependsOn: [...shared, ...versions], hooks: settle });
    } else {
      const steps = new ReplicaSteps(name, transition.settleSeconds, readySeconds);
      const split: pulumi.Resource = istioObject(
        "routes",
        "VirtualService",
        steps.whenAlone(routing, () => split),
        { dependsOn: [...shared, ...versions], hooks: joined(steps.hooks(), settle) },
        byWeight.apply(replicasAnnotation),
      );
      versions.forEach(({ deployment }, index) => steps.scale(deployment, names[index], byWeight, split, this));
    }

    this.weights = weights;
    this.namespace = namespace;
    this.deployments = pulumi.output(
      Object.fromEntries(versions.map(({ deployment }, index) => [names[index], deployment])),
    );
    const reachable = installed === undefined ? waiting : { parent: this, dependsOn: installed };
    const makers = gatewayMakers(installed === undefined ? waiting.dependsOn : [installed]);
    this.url =
      hosts.length > 0
        ? urlAt(gatewayAddress(`${name}-address`, mesh.gateway ?? {}, makers, reachable))
        : pulumi.interpolate`http://${host}:${port}`;
    this.registerOutputs({
      url: this.url,
      weights: this.weights,
      namespace: this.namespace,
      deployments: this.deployments,
    });
  }
}

/**
 * What the app itself waits for. Pulumi does not hand it down to what a component makes, and then pods could be there
 * before the mesh that gives them sidecars.
 */
function awaited(opts?: pulumi.ComponentResourceOptions): pulumi.Input<pulumi.Resource>[] {
  // One that is known later may be a list, too; Pulumi takes that for an element.
  return [opts?.dependsOn ?? []].flat() as pulumi.Input<pulumi.Resource>[];
}

/** What of the resources that are waited for may make the ingress gateway. */
function gatewayMakers(awaited: pulumi.Input<pulumi.Resource>[]): pulumi.Output<pulumi.CustomResource[]> {
  return pulumi.output(awaited).apply((known) => (known as pulumi.Resource[]).flat().flatMap(gatewayMaker));
}

function gatewayMaker(resource: pulumi.Resource): pulumi.CustomResource[] {
  if (resource instanceof IstioMesh) {
    return [resource.gateway];
  }
  return pulumi.CustomResource.isInstance(resource) ? [resource] : [];
}

type Annotations = pulumi.Input<Record<string, string>>;

/** The namespace's name, known when it is there with the label that has sidecars injected. */
function ownNamespace(
  name: string,
  app: string,
  args: NamespaceArgs,
  injection: pulumi.Output<Record<string, string>>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const { name: namespace = app, create = true, inject = create } = args;
  if (!create) {
    const patch =
      inject && new k8s.core.v1.NamespacePatch(name, { metadata: { name: namespace, labels: injection } }, opts);
    return patch ? patch.metadata.apply((metadata) => metadata.name as string) : pulumi.output(namespace);
  }
  const labels = pulumi
    .all([inject ? injection : {}, args.labels ?? {}])
    .apply(([ours, given]): Record<string, string> => ({ ...given, ...ours }));
  return new k8s.core.v1.Namespace(name, { metadata: { name: namespace, labels } }, opts).metadata.name;
}

function withDefaults({
  settleSeconds,
  drainSeconds,
  graceSeconds,
}: Plain<TransitionArgs>): Required<Plain<Omit<TransitionArgs, "readySeconds">>> {
  return {
    settleSeconds: settleSeconds ?? DEFAULTS.settleSeconds,
    drainSeconds: drainSeconds ?? DEFAULTS.drainSeconds,
    graceSeconds: graceSeconds ?? DEFAULTS.graceSeconds,
  };
}

/** The label that has sidecars injected. Only one of the two: `istio-injection` would win over a revision. */
function injectionLabel(revision?: string): Record<string, string> {
  return revision === undefined ? { "istio-injection": "enabled" } : { "istio.io/rev": revision };
}
