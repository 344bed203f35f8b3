import { isObject } from "../src/internal/objects";
import { MtlsMode } from "../src/istio/mtls";
import type { Plain } from "../src/istio/plain";
import { type Findings, shown } from "../src/validation/problem";
import type { CanaryAppArgs } from "./canaryAppArgs";

/** Istio's label, and older annotation, that decides for one pod whether it gets a sidecar. */
const INJECT = "sidecar.istio.io/inject";

/** The labels of a namespace that put its pods into the mesh. */
const JOINING = ["istio-injection", "istio.io/rev", "istio.io/dataplane-mode"];

/** Those by which one pod is, in a namespace that has none of them. */
const JOINING_ALONE = ["istio.io/rev", "istio.io/dataplane-mode"];

/**
 * Records `access` and `mtls` of an app whose pods get no sidecars: the sidecars are what enforces them, and Istio
 * accepts the objects all the same.
 */
export function checkSidecars(args: Plain<CanaryAppArgs>, findings: Findings): void {
  const { access, mtls, versions, pod } = args;
  const enforced = [
    ...(access === undefined ? [] : (["access"] as const)),
    ...(mtls === MtlsMode.Strict ? (["mtls"] as const) : []),
  ];
  for (const version of enforced.length > 0 && Array.isArray(versions) ? Array.from<unknown>(versions) : []) {
    const why = isObject(version) ? withoutSidecar(args.namespace, [version.pod, pod]) : undefined;
    for (const name of why === undefined ? [] : enforced) {
      findings
        .field(name)
        .add(
          `is set, and the pods of version ${shown((version as { name?: unknown }).name)} get no sidecar (${why})`,
          "only sidecars enforce it, so everyone would be let in: have them injected, or leave it out",
        );
    }
  }
}

/** Why a version's pods get no sidecar, as far as that is certain. */
function withoutSidecar(namespace: unknown, pods: readonly unknown[]): string | undefined {
  const places = pods.flatMap((each) => (isObject(each) ? [each.labels, each.annotations] : [each]));
  const said = places
    .filter((place) => place !== undefined)
    .map((place) => (isObject(place) ? place[INJECT] : place))
    .find((value) => value !== undefined);
  if (said !== undefined) {
    return said === "false" ? `${INJECT} is "false"` : undefined;
  }
  if (!isObject(namespace) || namespace.create === false || namespace.inject !== false) {
    return undefined;
  }
  const ofPods = pods.map((each) => (isObject(each) ? each.labels : each));
  const joins = mayHave(namespace.labels, JOINING) || ofPods.some((labels) => mayHave(labels, JOINING_ALONE));
  return joins ? undefined : "namespace.inject is false";
}

/** Whether labels have one of these names, as far as they are known. */
function mayHave(labels: unknown, names: readonly string[]): boolean {
  return labels !== undefined && (!isObject(labels) || names.some((name) => Object.hasOwn(labels, name)));
}
