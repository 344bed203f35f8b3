import { isObject } from "../internal/objects";
import type { Plain } from "../istio/plain";
import type { Warning } from "../validation/warning";
import { type AutoscalingArgs, watchedResources } from "./autoscaling";
import type { DisruptionBudgetArgs } from "./disruption";
import { lacksSidecarDrain } from "./sidecarDrain";

/** `pod` of an app in which every version has a `podSpec`, so that it applies to none. */
export function passedOverPod(pod: unknown): Warning[] {
  const names = Object.entries(isObject(pod) ? pod : {}).flatMap(([name, value]) =>
    value === undefined || name === "labels" || name === "annotations" ? [] : [name],
  );
  return names.map((name) => ({
    path: `pod.${name}`,
    what: "has no effect: every version has a podSpec, and pod is for pods made from an image. Set it in the podSpec",
  }));
}

/**
 * A specification that names its ports, but not all of those that requests are sent to.
 *
 * @param path The path of the specification, e.g. `versions[1].podSpec`.
 * @param ports The `ports` of each of its containers.
 * @param targetPorts The Service's target ports.
 * @param argument The argument that sets those, e.g. `service.targetPort`.
 */
export function unservedPorts(
  path: string,
  ports: readonly unknown[],
  targetPorts: readonly number[],
  argument: string,
): Warning[] {
  const declared = ports
    .flatMap((each): unknown[] => (Array.isArray(each) ? each : []))
    .flatMap((port) => (isObject(port) && typeof port.containerPort === "number" ? [port.containerPort] : []));
  const missing = [...new Set(targetPorts)].filter((port) => !declared.includes(port));
  return declared.length === 0 || missing.length === 0
    ? []
    : [
        {
          path,
          what: `declares the ports ${declared.join(", ")}, and requests are sent to port ${missing.join(" and ")}: set ${argument} to the one that the pods listen on, or declare it`,
        },
      ];
}

/**
 * A disruption budget that allows no pod to be evicted, given the number of pods.
 *
 * @param path The path of the budget.
 * @param pods The minimum number of the version's pods; undefined if it is not known.
 */
export function heldNodes(
  path: string,
  { minAvailable, minAvailablePercent }: Plain<DisruptionBudgetArgs>,
  version: string,
  pods: number | undefined,
): Warning[] {
  if (pods === undefined) {
    return [];
  }
  const [field, stay] =
    minAvailable !== undefined
      ? ["minAvailable", minAvailable]
      : ["minAvailablePercent", Math.ceil((pods * (minAvailablePercent ?? 0)) / 100)];
  // 100 % never allows an eviction, whatever the number is.
  return !(pods >= 1) || stay < pods || minAvailablePercent === 100
    ? []
    : [
        {
          path: `${path}.${field}`,
          what: `keeps ${pods === 1 ? "the only pod" : `all ${pods} pods`} of ${version}: no node with one of them can be drained. Give it more pods, or set maxUnavailable 1`,
        },
      ];
}

/**
 * Containers of a specification that request nothing of what the version's autoscaler targets. A LimitRange of the
 * namespace may set their requests, which is not known here.
 *
 * @param path The version's path.
 * @param resources The `resources` of each container.
 */
export function unmeasuredContainers(
  path: string,
  autoscaling: Plain<AutoscalingArgs>,
  resources: readonly unknown[],
): Warning[] {
  const watched = watchedResources(autoscaling);
  return resources.flatMap((each = {}, index) => {
    const { limits = {}, requests = {} } = isObject(each) ? each : { limits: each };
    return isObject(limits) && isObject(requests)
      ? watched
          .filter((name) => !Object.hasOwn({ ...limits, ...requests }, name))
          .map((name) => ({
            path: `${path}.autoscaling`,
            what: `targets ${name} usage, but podSpec.containers[${index}] requests none: unless a LimitRange of the namespace sets it for all containers, the version is never scaled. Set resources.requests.${name} of every container: the target is a percentage of their sum`,
          }))
      : [];
  });
}

/** A sidecar that ends before its app, because the pod has sidecar settings of its own. */
export function endingSidecar(annotations: unknown, version: string, nativeSidecars: boolean): Warning[] {
  const texts = Object.entries(isObject(annotations) ? annotations : {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return lacksSidecarDrain(Object.fromEntries(texts), nativeSidecars)
    ? [
        {
          path: 'pod.annotations["proxy.istio.io/config"]',
          what: `sets no terminationDrainDuration, and the sidecars are not native ones: those of ${version} end 5 seconds after the pod starts to terminate, with every request that is still open. Add one as long as transition.graceSeconds`,
        },
      ]
    : [];
}
