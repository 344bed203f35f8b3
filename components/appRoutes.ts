import * as pulumi from "@pulumi/pulumi";
import { NETWORKING_API, type Reach, virtualService } from "../src/istio/istioObjects";
import { EVERY_REQUEST } from "../src/istio/route";
import { namedHttpPorts, spokenOf } from "../src/istio/servicePorts";
import { checkRouting } from "../src/istio/routing";
import { stickinessOf } from "../src/istio/sticky";
import { type WeightedRules, weightedRules } from "../src/istio/weightedRules";
import type { Weights } from "../src/istio/weights";
import { replicasAnnotation } from "../src/workload/replicasByWeight";
import { type AppContext, type Dependencies, istioObject } from "./appContext";
import type { AppVersion } from "./appVersion";
import { DEFAULTS } from "./canaryAppArgs";
import { joined } from "./hooks";
import type { PrescaleSteps } from "./prescaleSteps";
import { ReplicaSteps } from "./replicaSteps";
import { settleHooks } from "./settle";
import { validated } from "./validated";

/** What an app's routes are built from, besides its arguments. */
export interface AppRoutesArgs {
  /** From where the app can be reached. */
  reach: pulumi.Output<Reach>;
  /** The effective weights. */
  weights: pulumi.Output<Weights>;
  /** The number of pods of each version, if it follows the weights. */
  replicas?: pulumi.Output<Record<string, number>>;
  /** The steps of autoscaled versions that are scaled up before their traffic. */
  prescale?: PrescaleSteps;
  /** The propagation delay, in seconds. */
  settleSeconds: pulumi.Output<number>;
  /** The versions, in the order of the arguments. */
  versions: readonly AppVersion[];
  /** What must exist before the first request, besides the versions. */
  after: Dependencies;
}

/**
 * Registers the VirtualService, which is updated last and deleted first. Where the number of pods follows the weights,
 * also registers those numbers, which change around its update.
 *
 * @returns Which of its rules follow the weights; undefined if pods have to change before the weights do, so that the
 *   VirtualService must not be changed by itself.
 */
export function appRoutes(context: AppContext, routes: AppRoutesArgs): pulumi.Output<WeightedRules> | undefined {
  const { name, component, args } = context;
  const { replicas, prescale, settleSeconds, versions, after } = routes;
  const render = routesSpec(context, routes);
  const spec = pulumi.all([render, routes.weights]).apply(([specFor, inForce]) => specFor(inForce));
  const object = { apiVersion: NETWORKING_API, kind: "VirtualService" };
  const dependsOn = [...after, ...versions.flatMap(({ awaited }) => awaited)];
  const settle = settleHooks(name, settleSeconds);
  if (prescale !== undefined) {
    const annotations = prescale.annotations(routes.weights);
    prescale.begin(
      istioObject(
        context,
        "routes",
        { ...object, spec: prescale.whenAlone(spec), annotations },
        { dependsOn, hooks: joined(prescale.hooks(versions), settle) },
      ),
    );
    return undefined;
  }
  if (replicas === undefined) {
    istioObject(context, "routes", { ...object, spec }, { dependsOn, hooks: settle });
    return pulumi.all([render, routes.weights]).apply(([specFor, inForce]) => weightedRules(specFor, inForce));
  }
  const steps = new ReplicaSteps(name, settleSeconds, args.transition?.readySeconds ?? DEFAULTS.readySeconds);
  const registered = istioObject(
    context,
    "routes",
    { ...object, spec: steps.whenAlone(spec), annotations: replicas.apply(replicasAnnotation) },
    { dependsOn, hooks: joined(steps.hooks(), settle) },
  );
  steps.begin(registered);
  versions.forEach(({ deployment }, index) =>
    steps.scale(deployment, args.versions[index].name, replicas, registered, component),
  );
  return undefined;
}

/** The VirtualService's spec for some weights. */
function routesSpec(
  { subject, app, args, metadata: { namespace }, host, ports }: AppContext,
  { reach }: AppRoutesArgs,
): pulumi.Output<(weights: Weights) => object> {
  const names = args.versions.map((version) => version.name);
  const { routes = [...EVERY_REQUEST], sticky } = args;
  const rules = validated(subject, "", { routes, sticky, reach, namespace }, (given, findings) =>
    checkRouting(
      given,
      {
        versions: names,
        entrances: given.reach,
        namespace: given.namespace,
        reach: { hosts: given.reach.hosts, spoken: spokenOf(args.service) },
        httpPorts: namedHttpPorts(args.service),
      },
      findings,
    ),
  );
  return pulumi.all([reach, host, ports, rules]).apply(
    ([from, to, all, given]) =>
      (weights: Weights) =>
        virtualService(
          from,
          { host: to, ports: all, versions: names },
          { routes: given.routes, weights, sticky: stickinessOf(app, given.sticky) },
        ),
  );
}
