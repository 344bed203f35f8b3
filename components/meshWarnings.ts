import type { Warning } from "../src/validation/warning";
import type { CanaryAppArgs } from "./canaryAppArgs";

/** The arguments that configure an installation of Istio and have no effect on an existing mesh. */
const INSTALLED = [
  "version",
  "charts",
  "namespace",
  "baseValues",
  "istiodValues",
  "gatewayValues",
  "reconnectSeconds",
] as const;

/** The arguments that have no effect because the app joins an existing mesh. */
export function meshWarnings({ mesh = {}, namespace = {} }: Pick<CanaryAppArgs, "mesh" | "namespace">): Warning[] {
  if (mesh.install !== false) {
    return [];
  }
  const { create = true, inject = create } = namespace;
  const passedOver = INSTALLED.filter((name) => mesh[name] !== undefined);
  return [
    ...passedOver.map((name) => ({
      path: `mesh.${name}`,
      what: "configures an installation of Istio, but mesh.install is false, so it has no effect: leave it out",
    })),
    ...(mesh.revision !== undefined && !inject
      ? [
          {
            path: "mesh.revision",
            what: "is set, but the namespace gets no label for it, because namespace.inject is false: set inject to true, or leave the revision out",
          },
        ]
      : []),
  ];
}
