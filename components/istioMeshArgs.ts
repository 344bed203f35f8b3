import type * as pulumi from "@pulumi/pulumi";
import type { IngressGatewayArgs } from "./ingressGateway";

/** The minor version of Istio that is installed by default. */
export const DEFAULT_ISTIO_VERSION = "1.31.1";

/** Where Istio publishes its charts. */
export const DEFAULT_CHART_REPOSITORY = "https://istio-release.storage.googleapis.com/charts";

/** The default time that proxies get to reconnect to a changed control plane, in seconds. */
export const DEFAULT_RECONNECT_SECONDS = 25;

/** Which Istio to install, and from where. */
export interface IstioMeshArgs {
  /**
   * The charts' version, e.g. `1.31.1`. Not allowed with charts from a folder, which have their own.
   * @default {@link DEFAULT_ISTIO_VERSION}
   */
  version?: pulumi.Input<string>;
  /**
   * Where the charts `base`, `istiod` and `gateway` come from: a Helm repository (`https://…`), an OCI registry
   * (`oci://…`), or a folder with one subfolder for each chart, for networks without access to either.
   * @default {@link DEFAULT_CHART_REPOSITORY}
   */
  charts?: string;
  /** The namespace of the control plane, created and owned here. A DNS label. @default "istio-system" */
  namespace?: string;
  /**
   * The domain of the cluster's Services in its DNS; all rendered names of Services end with it. Set it before the
   * first `up`: after a later change, the routes of running apps lead nowhere until all of their objects have been
   * updated. Value `global.proxy.clusterDomain` of the chart `istiod`; a Service's name is `NAME.NAMESPACE.svc.DOMAIN`.
   * @default the one in `istiodValues`, or "cluster.local"
   */
  clusterDomain?: pulumi.Input<string>;
  /** Helm values for the chart `base`. */
  baseValues?: any;
  /**
   * Helm values for the chart `istiod`. They are merged with one of ours:
   * `meshConfig.defaultConfig.proxyStatsMatcher.inclusionRegexps` makes every proxy expose its counters of each
   * version, which the gates of a rollout read. A list of your own there replaces it; `[]` hides the counters, as Istio
   * does by default.
   */
  istiodValues?: any;
  /** Helm values for the chart `gateway`. */
  gatewayValues?: any;
  /**
   * How long all proxies get to reconnect to the control plane after it was changed, in seconds from 0 to 300;
   * everything that comes later in the same `up` waits. A proxy that lost its connection takes up to 22 seconds, in
   * which it learns of no change.
   * @default 25
   */
  reconnectSeconds?: pulumi.Input<number>;
  /** The ingress gateway, whose namespace is created and owned here. */
  gateway?: IngressGatewayArgs;
}
