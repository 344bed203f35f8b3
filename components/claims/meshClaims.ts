import { isObject } from "../../src/internal/objects";
import { INGRESS_NAMESPACE, SYSTEM_NAMESPACE } from "../../src/istio/meshDefaults";
import type { Plain } from "../../src/istio/plain";
import type { Findings } from "../../src/validation/problem";
import { isKnown } from "../../src/validation/unknown";
import type { IstioMeshArgs } from "../istioMeshArgs";
import type { Claim } from "./claims";

const DEFAULT_REVISION = "default";

/**
 * The claims of an installation of Istio: its revision, and the two namespaces that it creates.
 *
 * @param at The path of its arguments.
 */
export function meshClaims(args: Plain<IstioMeshArgs> | undefined, at: (findings: Findings) => Findings): Claim[] {
  const { namespace = SYSTEM_NAMESPACE, gateway, istiodValues } = args ?? {};
  const revision = revisionOf(istiodValues);
  const ingress = (isKnown(gateway) ? gateway?.namespace : undefined) ?? INGRESS_NAMESPACE;
  const own = (name: string, path: (findings: Findings) => Findings) =>
    namespaceClaim(name, path, "installs Istio in it");
  return [
    ...(revision === undefined
      ? []
      : [
          {
            key: `revision ${revision}`,
            at: (findings: Findings) => at(findings).field("istiodValues").field("revision"),
            what: (other: string) => `is "${revision}", the revision of Istio that ${other} installs, too`,
            todo: "a cluster has one control plane of a revision: install it once, by one IstioMesh, and set mesh.install to false in the apps, which wait for it by dependsOn",
            isWhole: true,
          },
        ]),
    own(namespace, (findings) => at(findings).field("namespace")),
    own(ingress, (findings) => at(findings).field("gateway").field("namespace")),
  ];
}

/** The claim of a namespace that a component creates. */
export function namespaceClaim(name: string, at: (findings: Findings) => Findings, what = "makes it"): Claim {
  return {
    key: `namespace ${name}`,
    at,
    what: (other) => `is "${name}", and ${what}, but ${other} makes that namespace, too`,
    todo: "a namespace is made once: let one of them make it, and set namespace.create to false in the other app, which waits for the first by dependsOn",
  };
}

/** The revision named in the values of Istio's chart; undefined if it becomes known later. */
function revisionOf(values: unknown): string | undefined {
  if (!isKnown(values)) {
    return undefined;
  }
  const revision: unknown = isObject(values) ? values.revision : undefined;
  return !isKnown(revision) ? undefined : typeof revision === "string" && revision !== "" ? revision : DEFAULT_REVISION;
}
