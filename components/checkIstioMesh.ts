import { checkFields } from "../src/validation/fields";
import { labelsCheck } from "../src/validation/labels";
import { checkDnsLabel, checkServiceName } from "../src/validation/names";
import { type Findings, shown } from "../src/validation/problem";
import { isKnown } from "../src/validation/unknown";
import type { IstioMeshArgs } from "./istioMeshArgs";
import { withUnknowns } from "./withUnknowns";

const ISTIO_FIELDS = [
  "version",
  "charts",
  "namespace",
  "baseValues",
  "istiodValues",
  "gatewayValues",
  "reconnectSeconds",
  "gateway",
];

/**
 * Records what is wrong with the arguments of an {@link IstioMesh}, or of something that has `more` fields beside them.
 */
export function checkIstioMesh(args: IstioMeshArgs, findings: Findings, more: readonly string[] = []): void {
  if (!checkFields(args, [...ISTIO_FIELDS, ...more], findings)) {
    return;
  }
  const { namespace, gateway = {}, charts, reconnectSeconds } = withUnknowns(args);
  if (
    !checkFields(gateway, ["namespace", "release", "selector", "address", "serviceAccount"], findings.field("gateway"))
  ) {
    return;
  }
  if (charts !== undefined && (typeof charts !== "string" || charts.trim() === "")) {
    findings
      .field("charts")
      .add(
        "is empty",
        "a Helm repository (https://…), an OCI registry (oci://…) or a folder is needed; leave it out for Istio's own",
      );
  }
  if (
    reconnectSeconds !== undefined &&
    isKnown(reconnectSeconds) &&
    !(typeof reconnectSeconds === "number" && reconnectSeconds >= 0 && reconnectSeconds <= 300)
  ) {
    findings
      .field("reconnectSeconds")
      .add(`is ${shown(reconnectSeconds)}`, "a number of seconds from 0 to 300 is needed");
  }
  if (namespace !== undefined) {
    checkDnsLabel(namespace, findings.field("namespace"));
  }
  if (gateway.namespace !== undefined) {
    checkDnsLabel(gateway.namespace, findings.field("gateway").field("namespace"));
  }
  if (gateway.release !== undefined) {
    checkServiceName(gateway.release, findings.field("gateway").field("release"), 53);
  }
  if (gateway.selector !== undefined) {
    labelsCheck(gateway.selector, findings.field("gateway").field("selector"));
  }
  if (gateway.serviceAccount !== undefined) {
    checkDnsLabel(gateway.serviceAccount, findings.field("gateway").field("serviceAccount"));
  }
  if ((namespace ?? "istio-system") === (gateway.namespace ?? "istio-ingress")) {
    findings
      .field("gateway")
      .field("namespace")
      .add("is the control plane's namespace too", "the gateway needs a namespace of its own");
  }
}
