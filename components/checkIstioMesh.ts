import { isObject } from "../src/internal/objects";
import { checkOneDomain, clusterDomainCheck } from "../src/istio/clusterDomain";
import { INGRESS_NAMESPACE, INGRESS_RELEASE, SYSTEM_NAMESPACE, ingressLabels } from "../src/istio/meshDefaults";
import type { Plain } from "../src/istio/plain";
import { labelsCheck } from "../src/validation/labels";
import { type Findings, shown } from "../src/validation/problem";
import { type Check, type Rule, plain, shape } from "../src/validation/shape";
import { isKnown } from "../src/validation/unknown";
import { amount, anything, dnsLabel, serviceName, text } from "../src/validation/values";
import type { IngressGatewayArgs } from "./ingressGateway";
import type { IstioMeshArgs } from "./istioMeshArgs";
import { withUnknowns } from "./withUnknowns";

/** The maximum length of a Release's name in Helm. */
const LONGEST_RELEASE = 53;

const ingressGateway = shape<Plain<IngressGatewayArgs>>({
  namespace: plain(dnsLabel()),
  release: plain(serviceName(LONGEST_RELEASE)),
  selector: labelsCheck,
  address: anything,
  serviceAccount: plain(dnsLabel()),
});

/** The checks of {@link IstioMeshArgs}, each for one argument. */
export const istioMeshFields: Readonly<Record<keyof IstioMeshArgs, Check>> = {
  version: anything,
  charts: plain(text("a Helm repository (https://…), an OCI registry (oci://…) or a folder")),
  namespace: plain(dnsLabel()),
  clusterDomain: clusterDomainCheck,
  baseValues: anything,
  istiodValues: anything,
  gatewayValues: anything,
  reconnectSeconds: amount(0, 300, "a number of seconds from 0 to 300"),
  gateway: plain(ingressGateway),
};

/** A rule: the control plane and the ingress gateway have separate namespaces. */
const namespacesApart: Rule<Plain<IstioMeshArgs>> = ({ namespace, gateway }, findings) => {
  if ((namespace ?? SYSTEM_NAMESPACE) === (gateway?.namespace ?? INGRESS_NAMESPACE)) {
    findings
      .field("gateway")
      .field("namespace")
      .add("is the control plane's namespace too", "the gateway needs a namespace of its own");
  }
};

/** A rule: the gateway's pods have the labels by which Gateways select them, whatever Helm's values say. */
const labelsFitSelector: Rule<Plain<IstioMeshArgs>> = ({ gateway, gatewayValues, ...rest }, findings) => {
  const values: unknown = gatewayValues;
  if (
    (rest as { install?: boolean }).install === false ||
    !isObject(values) ||
    !isObject(values.labels) ||
    (gateway !== undefined && !isObject(gateway))
  ) {
    return;
  }
  const { selector = ingressLabels(gateway?.release) } = gateway ?? {};
  const name = typeof values.name === "string" ? values.name : (gateway?.release ?? INGRESS_RELEASE);
  // The labels that Istio's chart gives the pods if its values name none.
  const labels: Record<string, unknown> = { app: name, ...ingressLabels(name), ...values.labels };
  for (const [label, value] of Object.entries(isObject(selector) ? selector : {})) {
    if (isKnown(value) && isKnown(labels[label]) && labels[label] !== value) {
      findings
        .field("gatewayValues")
        .field("labels")
        .add(
          `gives the gateway's pods the label ${label}=${shown(labels[label])}, and Gateways name them by ${label}=${shown(value)}`,
          "no request would come in: set gateway.selector to labels that the pods have",
        );
    }
  }
};

/** The rules of {@link IstioMeshArgs}. */
export const istioMeshRules: readonly Rule<Plain<IstioMeshArgs>>[] = [
  namespacesApart,
  checkOneDomain,
  labelsFitSelector,
];

const istioMesh = plain(shape<Plain<IstioMeshArgs>>(istioMeshFields, ...istioMeshRules));

/** Records what is wrong with the arguments of an {@link IstioMesh}, as far as they are known. */
export function checkIstioMesh(args: IstioMeshArgs, findings: Findings): void {
  istioMesh(withUnknowns(args), findings);
}
