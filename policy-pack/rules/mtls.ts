import { isOfKind, type KubernetesObject, list, NETWORKING, type ObjectRule, SECURITY } from "./rule";

/** Which modes are allowed. */
export interface MtlsConfig {
  /** Modes of a PeerAuthentication, of its ports too. @default STRICT and UNSET */
  peerModes: string[];
  /** TLS modes of a DestinationRule towards services of the cluster. @default ISTIO_MUTUAL, MUTUAL and SIMPLE */
  clientModes: string[];
}

/** Nobody turns the mesh's encryption down. */
export const mtls: ObjectRule<MtlsConfig> = {
  name: "mtls",
  description: "Mutual TLS between pods is not weakened",
  config: {
    peerModes: { type: "array", items: { type: "string" }, default: ["STRICT", "UNSET"] },
    clientModes: { type: "array", items: { type: "string" }, default: ["ISTIO_MUTUAL", "MUTUAL", "SIMPLE"] },
  },
  check: (object, { peerModes, clientModes }) => {
    const [modes, allowed] = isOfKind(object, SECURITY, "PeerAuthentication")
      ? [peerModesOf(object), peerModes]
      : [clientModesOf(object), clientModes];
    return modes
      .filter(([, mode]) => !allowed.includes(mode))
      .map(([where]) => `${where} is weaker than allowed; allowed are ${allowed.join(", ")}`);
  },
};

type Mode = [where: string, mode: string];

function peerModesOf({ spec }: KubernetesObject): Mode[] {
  const ports = Object.entries((spec?.portLevelMtls ?? {}) as Record<string, { mode?: string }>);
  const modes: [string, unknown][] = [
    ["mtls.mode", spec?.mtls?.mode],
    ...ports.map(([port, given]): [string, unknown] => [`portLevelMtls.${port}.mode`, given?.mode]),
  ];
  return modes.filter(isMode);
}

function clientModesOf(object: KubernetesObject): Mode[] {
  if (!isOfKind(object, NETWORKING, "DestinationRule")) {
    return [];
  }
  const policies = [
    ["trafficPolicy", object.spec?.trafficPolicy],
    ...list(object.spec?.subsets).map((subset, index) => [`subsets[${index}].trafficPolicy`, subset.trafficPolicy]),
  ] as [string, any][];
  return policies
    .flatMap(([path, policy]): [string, unknown][] => [
      [`${path}.tls.mode`, policy?.tls?.mode],
      ...list(policy?.portLevelSettings).map((port, index): [string, unknown] => [
        `${path}.portLevelSettings[${index}].tls.mode`,
        port.tls?.mode,
      ]),
    ])
    .filter(isMode);
}

function isMode(entry: [unknown, unknown]): entry is Mode {
  return typeof entry[1] === "string";
}
