import type * as pulumi from "@pulumi/pulumi";
import type { IngressGatewayArgs } from "./ingressGateway";

/** The line of Istio that is installed where no version is given. */
export const DEFAULT_ISTIO_VERSION = "1.31.1";

/** Where Istio publishes its charts. */
export const DEFAULT_CHART_REPOSITORY = "https://istio-release.storage.googleapis.com/charts";

/** What to install of Istio, and from where. */
export interface IstioMeshArgs {
  /** The charts' version, e.g. `1.31.1`. Not with charts from a folder, which have their own. @default {@link DEFAULT_ISTIO_VERSION} */
  version?: pulumi.Input<string>;
  /**
   * Where the charts `base`, `istiod` and `gateway` come from: a Helm repository (`https://…`), an OCI registry (`oci://…`), or
   * a folder with one subfolder for each chart, for networks without either. @default {@link DEFAULT_CHART_REPOSITORY}
   */
  charts?: string;
  /** The namespace of the control plane; made and owned here. A DNS label. @default "istio-system" */
  namespace?: string;
  /** Helm values for the chart `base`. */
  baseValues?: any;
  /**
   * Helm values for the chart `istiod`. Joined with one of ours: `meshConfig.defaultConfig.proxyStatsMatcher.inclusionRegexps` has every
   * proxy show its counters of each version, by which a rollout is judged. A list of your own there takes its place; `[]` hides them
   * again, as Istio does by default.
   */
  istiodValues?: any;
  /** Helm values for the chart `gateway`. */
  gatewayValues?: any;
  /** The ingress gateway. */
  gateway?: IngressGatewayArgs;
}
