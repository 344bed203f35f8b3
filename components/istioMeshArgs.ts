import type * as pulumi from "@pulumi/pulumi";
import type { IngressGatewayArgs } from "./ingressGateway";

/** The line of Istio that is installed where no version is given. */
export const DEFAULT_ISTIO_VERSION = "1.31.1";

/** Where Istio publishes its charts. */
export const DEFAULT_CHART_REPOSITORY = "https://istio-release.storage.googleapis.com/charts";

/** How long proxies get to find a changed control plane again where nothing else is said, in seconds. */
export const DEFAULT_RECONNECT_SECONDS = 25;

/** What to install of Istio, and from where. */
export interface IstioMeshArgs {
  /**
   * The charts' version, e.g. `1.31.1`. Not with charts from a folder, which have their own.
   * @default {@link DEFAULT_ISTIO_VERSION}
   */
  version?: pulumi.Input<string>;
  /**
   * Where the charts `base`, `istiod` and `gateway` come from: a Helm repository (`https://…`), an OCI registry
   * (`oci://…`), or a folder with one subfolder for each chart, for networks without either.
   * @default {@link DEFAULT_CHART_REPOSITORY}
   */
  charts?: string;
  /** The namespace of the control plane; made and owned here. A DNS label. @default "istio-system" */
  namespace?: string;
  /**
   * The domain of the cluster's Services, as its DNS has it; all names of Services that are rendered end with it. Set it
   * before the first `up`: with another one, the routes of running apps lead nowhere until all of their objects have
   * followed. Value `global.proxy.clusterDomain` of the chart `istiod`; a Service's name is `NAME.NAMESPACE.svc.DOMAIN`.
   * @default the one in `istiodValues`, or "cluster.local"
   */
  clusterDomain?: pulumi.Input<string>;
  /** Helm values for the chart `base`. */
  baseValues?: any;
  /**
   * Helm values for the chart `istiod`. Joined with one of ours:
   * `meshConfig.defaultConfig.proxyStatsMatcher.inclusionRegexps` has every proxy show its counters of each version, by
   * which a rollout is judged. A list of your own there takes its place; `[]` hides them again, as Istio does by
   * default.
   */
  istiodValues?: any;
  /** Helm values for the chart `gateway`. */
  gatewayValues?: any;
  /**
   * How long all proxies get to find the control plane again after it was changed, in seconds from 0 to 300; whatever
   * comes after it in the same `up` waits. A proxy that lost it takes up to 22 seconds, in which it hears of no change.
   * @default 25
   */
  reconnectSeconds?: pulumi.Input<number>;
  /** The ingress gateway. */
  gateway?: IngressGatewayArgs;
}
