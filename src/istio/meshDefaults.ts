/** The namespace of the control plane where nothing else is said. */
export const SYSTEM_NAMESPACE = "istio-system";

/** The namespace of the ingress gateway where nothing else is said. */
export const INGRESS_NAMESPACE = "istio-ingress";

/** The Helm Release of the ingress gateway, and with it its Service, where nothing else is said. */
export const INGRESS_RELEASE = "istio-ingressgateway";

/** The labels that Istio's gateway chart gives the pods of a Release of this name. */
export function ingressLabels(release: string = INGRESS_RELEASE): Record<string, string> {
  return { istio: release.replace(/^istio-/, "") };
}
