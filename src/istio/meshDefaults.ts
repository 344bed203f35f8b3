/** The default namespace of the control plane. */
export const SYSTEM_NAMESPACE = "istio-system";

/** The default namespace of the ingress gateway. */
export const INGRESS_NAMESPACE = "istio-ingress";

/** The default name of the ingress gateway's Helm Release, and so of its Service. */
export const INGRESS_RELEASE = "istio-ingressgateway";

/** The labels that Istio's gateway chart gives the pods of a Release with this name. */
export function ingressLabels(release: string = INGRESS_RELEASE): Record<string, string> {
  return { istio: release.replace(/^istio-/, "") };
}
