import * as pulumi from "@pulumi/pulumi";
import { policyWarnings } from "../src/istio/policyWarnings";
import { foreignServices } from "../src/istio/serviceHosts";
import type { AppPort } from "../src/istio/servicePorts";
import type { Weights } from "../src/istio/weights";
import type { Warning } from "../src/validation/warning";
import {
  endingSidecar,
  heldNodes,
  passedOverPod,
  unmeasuredContainers,
  unservedPorts,
} from "../src/workload/podWarnings";
import type { VersionArgs } from "../src/workload/version";
import type { CanaryAppArgs } from "./canaryAppArgs";
import { meshWarnings } from "./meshWarnings";
import type { PodCount } from "./podCounts";
import { argumentOf } from "./validated";
import { valueAt, valuesAt } from "./valueAt";

/** What an app's arguments amount to. */
export interface AppOutcome {
  /** The Service's ports. */
  ports: pulumi.Output<AppPort[]>;
  /** The ports that no route covers. */
  unrouted: pulumi.Output<Warning[]>;
  /** The cluster's domain for Services. */
  domain: pulumi.Output<string>;
  /** The effective weights. */
  weights: pulumi.Output<Weights>;
  /** The minimum number of pods of each version. */
  pods: readonly PodCount[];
  /** The number of pods that each version's ejection share is derived from. */
  ejection: readonly PodCount[];
  /** Whether sidecars end after the app's containers. */
  native: pulumi.Output<boolean>;
}

/**
 * Warns, on the app's resource, of arguments that are unlikely to do what was meant. Each warning is given once, and
 * waits for no more than it depends on: it appears in previews, and a secret elsewhere does not hide it.
 */
export function logWarnings(app: pulumi.Resource, args: CanaryAppArgs, outcome: AppOutcome): void {
  const odd = [
    pulumi.output(meshWarnings(args)),
    oddPolicies(args, outcome),
    outcome.unrouted,
    pulumi.all([args.routes, outcome.domain]).apply(([routes, domain]) => foreignServices(routes ?? [], domain)),
    ...oddPods(args, outcome),
  ];
  const told = new Set<string>();
  odd.forEach((warnings) => tell(app, warnings, told));
}

function oddPolicies(args: CanaryAppArgs, { ports, weights, pods, ejection }: AppOutcome): pulumi.Output<Warning[]> {
  const own = args.versions.map(({ trafficPolicy }) => trafficPolicy);
  return pulumi
    .all([
      args.trafficPolicy,
      own,
      ports,
      weights,
      args.sticky,
      args.routes,
      pulumi.all([...pods]),
      pulumi.all([...ejection]),
    ])
    .apply(([trafficPolicy, policies, all, inForce, sticky, routes, counts, derived]) =>
      policyWarnings({
        trafficPolicy,
        versions: args.versions.map(({ name }, index) => ({
          name,
          trafficPolicy: policies[index],
          pods: counts[index],
          ejectionPods: derived[index],
        })),
        weights: inForce,
        ports: all,
        listed: args.service?.ports !== undefined,
        sticky,
        routes,
      }),
    );
}

function oddPods(args: CanaryAppArgs, outcome: AppOutcome): pulumi.Output<Warning[]>[] {
  const passedOver = args.versions.every(({ podSpec }) => podSpec !== undefined)
    ? [pulumi.output(args.pod).apply(passedOverPod)]
    : [];
  return [...passedOver, ...args.versions.flatMap((version, index) => oddVersion(args, outcome, version, index))];
}

function oddVersion(
  args: CanaryAppArgs,
  { ports, pods, native }: AppOutcome,
  { name, podSpec, pod, autoscaling, disruptionBudget: own }: VersionArgs,
  index: number,
): pulumi.Output<Warning[]>[] {
  const path = `versions[${index}]`;
  const listed = args.service?.ports !== undefined;
  const unserved = pulumi.all([valuesAt(podSpec, "containers", "ports"), ports]).apply(([declared, all]) =>
    unservedPorts(
      `${path}.podSpec`,
      declared,
      all.map(({ targetPort }) => targetPort),
      listed ? "service.ports[].targetPort" : "service.targetPort",
    ),
  );
  const budget = own ?? args.disruptionBudget;
  const held = pulumi
    .all([budget, pods[index]])
    .apply(([given, count]) =>
      given === undefined
        ? []
        : heldNodes(own === undefined ? "disruptionBudget" : `${path}.disruptionBudget`, given, name, count),
    );
  const ending = pulumi
    .all([valueAt(args.pod, ["annotations"]), valueAt(pod, ["annotations"]), native])
    .apply(([common, more, isNative]) =>
      endingSidecar({ ...(common as object | undefined), ...(more as object | undefined) }, name, isNative),
    );
  const unmeasured = pulumi
    .all([autoscaling, valuesAt(podSpec, "containers", "resources")])
    .apply(([given, resources]) => (given === undefined ? [] : unmeasuredContainers(path, given, resources)));
  return [unserved, held, ending, unmeasured];
}

/** @param told The warnings that were given before. */
function tell(app: pulumi.Resource, odd: pulumi.Output<Warning[]>, told: Set<string>): void {
  odd.apply(async (warnings) => {
    const isSecret = warnings.length > 0 && (await pulumi.isSecret(odd));
    const texts = warnings
      .map(({ path, what }) =>
        isSecret
          ? `${argumentOf("", path)} hardly does what it says; it holds a secret, so nothing more is told`
          : `${path} ${what}`,
      )
      .filter((text) => !told.has(text) && told.add(text));
    await Promise.all(texts.map((text) => pulumi.log.warn(text, app)));
  });
}
