import { isObject } from "../internal/objects";
import type { Plain } from "../istio/plain";
import type { Warning } from "../validation/warning";
import { type AutoscalingArgs, watchedResources } from "./autoscaling";
import type { DisruptionBudgetArgs } from "./disruption";
import { lacksSidecarDrain } from "./sidecarDrain";

/** What is said of pods made from images, in an app whose versions all have a specification of their own. */
export function passedOverPod(pod: unknown): Warning[] {
  const names = Object.entries(isObject(pod) ? pod : {}).flatMap(([name, value]) =>
    value === undefined || name === "labels" || name === "annotations" ? [] : [name],
  );
  return names.map((name) => ({
    path: `pod.${name}`,
    what: "counts for no version: each has a podSpec, and only pods made from an image go by it. Say it in the podSpec",
  }));
}

/**
 * A specification that names its ports, and not all of those that requests are sent to.
 *
 * @param path Where the specification is, e.g. `versions[1].podSpec`.
 * @param ports The `ports` of each of its containers.
 * @param targetPorts The pods' ports that the Service has.
 * @param argument Where those are said, e.g. `service.targetPort`.
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
 * A budget that lets no pod go, with as many pods as there are.
 *
 * @param path Where the budget is.
 * @param pods How many pods the version has at the least; undefined if that is not known.
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
  // 100 % says so by itself.
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
 * Containers of a specification that request nothing of what the version's autoscaler goes by. A LimitRange of the
 * namespace may say it for them, which is not known here.
 *
 * @param path Where the version is.
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
            what: `goes by ${name}, but podSpec.containers[${index}] requests none: unless a LimitRange of the namespace says it for all containers, the number of pods never changes. Set resources.requests.${name} of every container: percents are of their sum`,
          }))
      : [];
  });
}

/** A sidecar that ends before its app, because its settings are somebody else's. */
export function endingSidecar(annotations: unknown, version: string, nativeSidecars: boolean): Warning[] {
  const texts = Object.entries(isObject(annotations) ? annotations : {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return lacksSidecarDrain(Object.fromEntries(texts), nativeSidecars)
    ? [
        {
          path: 'pod.annotations["proxy.istio.io/config"]',
          what: `sets no terminationDrainDuration, and the sidecars are no native ones: those of ${version} end 5 seconds after they were told to go, with all that is still under way. Add one as long as transition.graceSeconds`,
        },
      ]
    : [];
}
