import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { INGRESS_NAMESPACE, INGRESS_RELEASE, ingressLabels } from "../src/istio/meshDefaults";
import { onceCreated } from "./onceCreated";

/** The pods and the Service through which requests enter the mesh. */
export interface IngressGatewayArgs {
  /** Its namespace. A DNS label. @default "istio-ingress" */
  namespace?: string;
  /**
   * The name of its Helm Release, and so of its Service. A DNS label that starts with a letter.
   * @default "istio-ingressgateway"
   */
  release?: string;
  /**
   * The labels of its pods, by which Gateways select them. Gateway `selector`.
   * @default label `istio` with the Release's name without "istio-"
   */
  selector?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * The address at which clients reach it, with the port if it is not 80.
   * @default read from its Service, which needs access to the cluster at every preview
   */
  address?: pulumi.Input<string>;
  /**
   * The ServiceAccount of its pods, by which the mesh identifies it. A DNS label.
   * @default the one that Istio's chart creates: named after the Release, or as `gatewayValues` say
   */
  serviceAccount?: string;
}

/** The parts of the gateway chart's values that name its ServiceAccount. */
interface AccountValues {
  name?: string;
  serviceAccount?: { create?: boolean; name?: string };
}

/**
 * The ServiceAccount of the gateway's pods, as `namespace/name`: as given, or else the one that Istio's chart creates
 * with these values.
 */
export function gatewayServiceAccount(
  gateway: Pick<IngressGatewayArgs, "namespace" | "release" | "serviceAccount">,
  values: unknown,
): string {
  const { name, serviceAccount } = (values ?? {}) as AccountValues;
  const made = serviceAccount?.create === false ? "default" : (name ?? gateway.release ?? INGRESS_RELEASE);
  return `${gateway.namespace ?? INGRESS_NAMESPACE}/${gateway.serviceAccount ?? serviceAccount?.name ?? made}`;
}

/** The labels of the gateway's pods. The default is what Istio's chart derives from the Release's name. */
export function gatewaySelector(gateway: pulumi.Unwrap<IngressGatewayArgs>): Record<string, string> {
  return gateway.selector ?? ingressLabels(gateway.release);
}

/**
 * The address at which clients reach the gateway: as given, or else read from its Service once that exists. A preview
 * does not look for it while one of `makers` is still to be created: a Service that does not exist would end the
 * preview.
 */
export function gatewayAddress(
  name: string,
  gateway: IngressGatewayArgs,
  makers: pulumi.Output<pulumi.CustomResource[]>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  if (gateway.address !== undefined) {
    return onceCreated(pulumi.output(gateway.address));
  }
  const place = `${gateway.namespace ?? INGRESS_NAMESPACE}/${gateway.release ?? INGRESS_RELEASE}`;
  const id = makers.apply((known) => pulumi.all(known.map((maker) => maker.id))).apply(() => place);
  const service = k8s.core.v1.Service.get(name, id, opts);
  return pulumi.all([service.spec, service.status]).apply(([spec, status]) => addressOf(spec, status));
}

/** The parts of a Service's spec that tell how it is reached. */
interface ServiceSpec {
  externalIPs?: string[];
  clusterIP?: string;
}

/** The parts of a Service's status that tell how it is reached. */
interface ServiceStatus {
  loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] };
}

/**
 * Where a Service answers on port 80: its load balancer, or else an external address of its own, or else its cluster
 * IP.
 */
export function addressOf(spec?: ServiceSpec, status?: ServiceStatus): string {
  const balancer = status?.loadBalancer?.ingress?.[0];
  return balancer?.hostname ?? balancer?.ip ?? spec?.externalIPs?.[0] ?? spec?.clusterIP ?? "";
}
