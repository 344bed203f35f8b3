import { INGRESS_NAMESPACE, SYSTEM_NAMESPACE } from "../src/istio/meshDefaults";
import type { Plain } from "../src/istio/plain";
import { labelsCheck } from "../src/validation/labels";
import type { Findings } from "../src/validation/problem";
import { type Check, type Rule, plain, shape } from "../src/validation/shape";
import { amount, anything, dnsLabel, serviceName, text } from "../src/validation/values";
import type { IngressGatewayArgs } from "./ingressGateway";
import type { IstioMeshArgs } from "./istioMeshArgs";
import { withUnknowns } from "./withUnknowns";

/** The most characters that Helm takes in a Release's name. */
const LONGEST_RELEASE = 53;

const ingressGateway = shape<Plain<IngressGatewayArgs>>({
  namespace: plain(dnsLabel()),
  release: plain(serviceName(LONGEST_RELEASE)),
  selector: labelsCheck,
  address: anything,
  serviceAccount: plain(dnsLabel()),
});

/** The checks of {@link IstioMeshArgs}, each by itself. */
export const istioMeshFields: Readonly<Record<keyof IstioMeshArgs, Check>> = {
  version: anything,
  charts: plain(text("a Helm repository (https://…), an OCI registry (oci://…) or a folder")),
  namespace: plain(dnsLabel()),
  baseValues: anything,
  istiodValues: anything,
  gatewayValues: anything,
  reconnectSeconds: amount(0, 300, "a number of seconds from 0 to 300"),
  gateway: plain(ingressGateway),
};

/** A rule: the control plane and the ingress gateway have a namespace each. */
export const namespacesApart: Rule<Plain<IstioMeshArgs>> = ({ namespace, gateway }, findings) => {
  if ((namespace ?? SYSTEM_NAMESPACE) === (gateway?.namespace ?? INGRESS_NAMESPACE)) {
    findings
      .field("gateway")
      .field("namespace")
      .add("is the control plane's namespace too", "the gateway needs a namespace of its own");
  }
};

const istioMesh = plain(shape<Plain<IstioMeshArgs>>(istioMeshFields, namespacesApart));

/** Records what is wrong with the arguments of an {@link IstioMesh}, as far as they are known. */
export function checkIstioMesh(args: IstioMeshArgs, findings: Findings): void {
  istioMesh(withUnknowns(args), findings);
}
