import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { checkFields } from "../validation/fields";
import { checkDnsLabel, checkServiceName } from "../validation/names";
import { entries } from "../validation/shape";
import { text } from "../validation/values";
import { Findings } from "../validation/problem";
import { type IngressGatewayArgs, gatewaySelector } from "./ingressGateway";
import { withVersionCounters } from "./versionCounters";
import { withUnknowns } from "./withUnknowns";

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

/**
 * Istio, installed with Helm in the order its charts need: definitions and roles (`base`), the control plane (`istiod`),
 * the ingress gateway. Its two namespaces are made and owned here, so that destroying it leaves neither behind.
 * What stays is what Helm is told to keep: Istio's custom resource definitions, because deleting them would delete
 * every route of every app in the cluster.
 */
export class IstioMesh extends pulumi.ComponentResource {
  /** The control plane's namespace. */
  readonly namespace: pulumi.Output<string>;
  /** The ingress gateway's namespace. */
  readonly gatewayNamespace: pulumi.Output<string>;
  /** The Release of istiod: when it is there, pods get sidecars and Istio's objects are accepted. */
  readonly controlPlane: k8s.helm.v3.Release;
  /** The Release of the ingress gateway: when it is there, requests come in, and its address is known. */
  readonly gateway: k8s.helm.v3.Release;

  constructor(name: string, args: IstioMeshArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    const findings = Findings.at();
    checkIstioMesh(withUnknowns(args), findings);
    findings.throwIfAny(`IstioMesh "${name}"`);
    super("canary-app:index:IstioMesh", name, {}, opts);

    const gateway = args.gateway ?? {};
    const system = this.ownNamespace(`${name}-system`, args.namespace ?? "istio-system");
    const ingress = this.ownNamespace(`${name}-ingress`, gateway.namespace ?? "istio-ingress");
    const base = this.release(`${name}-base`, "base", "istio-base", system, args.baseValues, args, []);
    const istiodValues = pulumi.output(args.istiodValues ?? {}).apply(withVersionCounters);
    const istiod = this.release(`${name}-istiod`, "istiod", "istiod", system, istiodValues, args, [base]);
    const labels = pulumi.output(gateway).apply((given) => ({ labels: gatewaySelector(given) }));
    const gatewayValues = pulumi.all([labels, args.gatewayValues ?? {}]).apply(([ours, given]) => ({ ...ours, ...(given as object) }));
    const release = gateway.release ?? "istio-ingressgateway";
    this.gateway = this.release(`${name}-gateway`, "gateway", release, ingress, gatewayValues, args, [istiod]);

    this.namespace = system.metadata.name;
    this.gatewayNamespace = ingress.metadata.name;
    this.controlPlane = istiod;
    this.registerOutputs({ namespace: this.namespace, gatewayNamespace: this.gatewayNamespace, controlPlane: istiod, gateway: this.gateway });
  }

  private ownNamespace(name: string, namespace: string): k8s.core.v1.Namespace {
    return new k8s.core.v1.Namespace(name, { metadata: { name: namespace } }, { parent: this });
  }

  /**
   * One chart. The Release's name is fixed: Istio's own labels and webhooks are derived from it, and a name of Pulumi's
   * making would change with every replacement.
   */
  private release(
    name: string,
    chart: string,
    release: string,
    namespace: k8s.core.v1.Namespace,
    values: pulumi.Input<object> | undefined,
    { charts = DEFAULT_CHART_REPOSITORY, version = DEFAULT_ISTIO_VERSION }: IstioMeshArgs,
    after: k8s.helm.v3.Release[],
  ): k8s.helm.v3.Release {
    const source = chartSource(charts, chart, version);
    const args = { ...source, name: release, namespace: namespace.metadata.name, values, timeout: INSTALL_TIMEOUT_SECONDS };
    return new k8s.helm.v3.Release(name, args as k8s.helm.v3.ReleaseArgs, { parent: this, dependsOn: after });
  }
}

const INSTALL_TIMEOUT_SECONDS = 300;

/** How `helm.v3.Release` is told where one chart is. */
export function chartSource(charts: string, chart: string, version: pulumi.Input<string>): Pick<k8s.helm.v3.ReleaseArgs, "chart" | "version" | "repositoryOpts"> {
  if (/^https?:\/\//.test(charts)) {
    return { chart, version, repositoryOpts: { repo: charts } };
  }
  const path = `${charts.replace(/\/+$/, "")}/${chart}`;
  return charts.startsWith("oci://") ? { chart: path, version } : { chart: path };
}

const LABELS = entries("an object of texts by label names", text("a label's text"));

const ISTIO_FIELDS = ["version", "charts", "namespace", "baseValues", "istiodValues", "gatewayValues", "gateway"];

/** Records what is wrong with the arguments of an {@link IstioMesh}, or of something that has `more` fields beside them. */
export function checkIstioMesh(args: IstioMeshArgs, findings: Findings, more: readonly string[] = []): void {
  if (!checkFields(args, [...ISTIO_FIELDS, ...more], findings)) {
    return;
  }
  const { namespace, gateway = {}, charts } = args;
  if (!checkFields(gateway, ["namespace", "release", "selector", "address", "serviceAccount"], findings.field("gateway"))) {
    return;
  }
  if (charts !== undefined && (typeof charts !== "string" || charts.trim() === "")) {
    findings.field("charts").add("is empty", "a Helm repository (https://…), an OCI registry (oci://…) or a folder is needed; leave it out for Istio's own");
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
    LABELS(withUnknowns(gateway.selector), findings.field("gateway").field("selector"));
  }
  if (gateway.serviceAccount !== undefined) {
    checkDnsLabel(gateway.serviceAccount, findings.field("gateway").field("serviceAccount"));
  }
  if ((namespace ?? "istio-system") === (gateway.namespace ?? "istio-ingress")) {
    findings.field("gateway").field("namespace").add("is the control plane's namespace too", "the gateway needs a namespace of its own");
  }
}
