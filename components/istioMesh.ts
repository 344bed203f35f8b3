import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ComponentType } from "../src/internal/componentTypes";
import { checkOneDomain, clusterDomainCheck, withDomain } from "../src/istio/clusterDomain";
import { INGRESS_NAMESPACE, INGRESS_RELEASE, SYSTEM_NAMESPACE } from "../src/istio/meshDefaults";
import { Findings } from "../src/validation/problem";
import { checkIstioMesh } from "./checkIstioMesh";
import { claim, claimant } from "./claims/claims";
import { meshClaims } from "./claims/meshClaims";
import { cutOffHooks } from "./cutOffReleases";
import { gatewaySelector } from "./ingressGateway";
import {
  DEFAULT_CHART_REPOSITORY,
  DEFAULT_ISTIO_VERSION,
  DEFAULT_RECONNECT_SECONDS,
  type IstioMeshArgs,
} from "./istioMeshArgs";
import { joined } from "./hooks";
import { reconnectHooks } from "./settle";
import { validated } from "./validated";
import { withVersionCounters } from "./versionCounters";
import { withUnknowns } from "./withUnknowns";

/**
 * Istio, installed with Helm in the order its charts need: definitions and roles (`base`), the control plane
 * (`istiod`), the ingress gateway. Its two namespaces are created and owned here, so that destroying it leaves neither
 * behind. Helm keeps Istio's custom resource definitions, because deleting them would delete every route of every app
 * in the cluster.
 */
export class IstioMesh extends pulumi.ComponentResource {
  /** The control plane's namespace. */
  readonly namespace: pulumi.Output<string>;
  /** The ingress gateway's namespace. */
  readonly gatewayNamespace: pulumi.Output<string>;
  /** The Release of istiod. Once it exists, pods get sidecars and Istio's objects are accepted. */
  readonly controlPlane: k8s.helm.v3.Release;
  /** The Release of the ingress gateway. Once it exists, requests get in and its address is known. */
  readonly gateway: k8s.helm.v3.Release;

  constructor(name: string, args: IstioMeshArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    const findings = Findings.at();
    checkIstioMesh(args, findings);
    findings.throwIfAny(`IstioMesh "${name}"`);
    const own = claimant("IstioMesh", name, opts);
    claim(
      own,
      meshClaims(withUnknowns(args), (given) => given),
      findings,
    );
    findings.throwIfAny(own.name);
    super(ComponentType.IstioMesh, name, {}, opts);
    if (args.version !== undefined && isFolder(args.charts ?? DEFAULT_CHART_REPOSITORY)) {
      const what = "counts for nothing: charts is a folder, whose charts have a version of their own. Leave it out";
      void pulumi.log.warn(`version ${what}`, this);
    }

    const gateway = args.gateway ?? {};
    const system = this.ownNamespace(`${name}-system`, args.namespace ?? SYSTEM_NAMESPACE);
    const ingress = this.ownNamespace(`${name}-ingress`, gateway.namespace ?? INGRESS_NAMESPACE);
    const base = this.release(`${name}-base`, "base", "istio-base", system, args.baseValues, args, []);
    const istiodValues = istiodValuesOf(`IstioMesh "${name}"`, args);
    const reconnect = reconnectHooks(name, args.reconnectSeconds ?? DEFAULT_RECONNECT_SECONDS);
    const istiod = this.release(`${name}-istiod`, "istiod", "istiod", system, istiodValues, args, [base], reconnect);
    const labels = pulumi.output(gateway).apply((given) => ({ labels: gatewaySelector(given) }));
    const gatewayValues = pulumi
      .all([labels, args.gatewayValues ?? {}])
      .apply(([ours, given]) => ({ ...ours, ...(given as object) }));
    const release = gateway.release ?? INGRESS_RELEASE;
    this.gateway = this.release(`${name}-gateway`, "gateway", release, ingress, gatewayValues, args, [istiod]);

    this.namespace = system.metadata.name;
    this.gatewayNamespace = ingress.metadata.name;
    this.controlPlane = istiod;
    this.registerOutputs({
      namespace: this.namespace,
      gatewayNamespace: this.gatewayNamespace,
      controlPlane: istiod,
      gateway: this.gateway,
    });
  }

  private ownNamespace(name: string, namespace: string): k8s.core.v1.Namespace {
    return new k8s.core.v1.Namespace(name, { metadata: { name: namespace } }, { parent: this });
  }

  /**
   * One chart. The Release's name is fixed: Istio derives labels and webhooks from it, and a generated name would
   * change with every replacement.
   */
  private release(
    name: string,
    chart: string,
    release: string,
    namespace: k8s.core.v1.Namespace,
    values: pulumi.Input<object> | undefined,
    { charts = DEFAULT_CHART_REPOSITORY, version = DEFAULT_ISTIO_VERSION }: IstioMeshArgs,
    after: k8s.helm.v3.Release[],
    hooks?: pulumi.ResourceHookBinding,
  ): k8s.helm.v3.Release {
    const source = chartSource(charts, chart, version);
    const args = {
      ...source,
      name: release,
      namespace: namespace.metadata.name,
      values,
      timeout: INSTALL_TIMEOUT_SECONDS,
    };
    const options = { parent: this, dependsOn: after, hooks: joined(cutOffHooks(name, this), hooks) };
    return new k8s.helm.v3.Release(name, args as k8s.helm.v3.ReleaseArgs, options);
  }
}

const INSTALL_TIMEOUT_SECONDS = 300;

/** Helm's values for istiod: the given ones, with those that every mesh gets. */
function istiodValuesOf(subject: string, { istiodValues, clusterDomain }: IstioMeshArgs): pulumi.Output<object> {
  const given: { istiodValues: unknown; clusterDomain?: pulumi.Input<string> } = { istiodValues, clusterDomain };
  return validated(subject, "", given, (known, findings) => {
    if (known.clusterDomain !== undefined) {
      clusterDomainCheck(known.clusterDomain, findings.field("clusterDomain"));
    }
    checkOneDomain(known, findings);
  }).apply((known) => withVersionCounters(withDomain(known.istiodValues, known.clusterDomain)));
}

function isRepository(charts: string): boolean {
  return /^https?:\/\//.test(charts);
}

function isFolder(charts: string): boolean {
  return !isRepository(charts) && !charts.startsWith("oci://");
}

/** How `helm.v3.Release` is given the location of a chart. */
export function chartSource(
  charts: string,
  chart: string,
  version: pulumi.Input<string>,
): Pick<k8s.helm.v3.ReleaseArgs, "chart" | "version" | "repositoryOpts"> {
  if (isRepository(charts)) {
    return { chart, version, repositoryOpts: { repo: charts } };
  }
  const path = `${charts.replace(/\/+$/, "")}/${chart}`;
  return isFolder(charts) ? { chart: path } : { chart: path, version };
}
