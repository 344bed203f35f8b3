import type { Warning } from "../src/validation/warning";
import type { CanaryAppArgs } from "./canaryAppArgs";

/** What says how Istio is installed, and nothing of a mesh that is there. */
const INSTALLED = [
  "version",
  "charts",
  "namespace",
  "baseValues",
  "istiodValues",
  "gatewayValues",
  "reconnectSeconds",
] as const;

/** What an app says of a mesh that is there already, and counts for nothing. */
export function meshWarnings({ mesh = {}, namespace = {} }: Pick<CanaryAppArgs, "mesh" | "namespace">): Warning[] {
  if (mesh.install !== false) {
    return [];
  }
  const { create = true, inject = create } = namespace;
  const passedOver = INSTALLED.filter((name) => mesh[name] !== undefined);
  return [
    ...passedOver.map((name) => ({
      path: `mesh.${name}`,
      what: "says how Istio is installed, and mesh.install is false: it counts for nothing. Leave it out",
    })),
    ...(mesh.revision !== undefined && !inject
      ? [
          {
            path: "mesh.revision",
            what: "is set, and the namespace gets no label of it, because namespace.inject is false: set inject to true, or leave the revision out",
          },
        ]
      : []),
  ];
}
