import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { authorizationPolicy } from "../src/istio/access";
import { SECURITY_API, peerAuthentication } from "../src/istio/mtls";
import type { CanaryAppArgs } from "./canaryAppArgs";
import { checkSecurity } from "./checkSecurity";
import { gatewayServiceAccount } from "./ingressGateway";
import { validated } from "./validated";

/**
 * What guards an app's pods: the PeerAuthentication and the AuthorizationPolicy, as far as they are asked for. They are
 * there before the pods, so that no pod is ever unguarded.
 */
export function appGuards(
  subject: string,
  name: string,
  app: string,
  args: CanaryAppArgs,
  metadata: pulumi.Input<k8s.types.input.meta.v1.ObjectMeta>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { mtls, access, trafficPolicy, hosts, service, mesh = {} } = args;
  if (mtls === undefined && access === undefined) {
    return [];
  }
  const versions = args.versions.map((version) => ({ trafficPolicy: version.trafficPolicy }));
  const guarded = validated(subject, "", { mtls, access, trafficPolicy, versions, hosts, service }, checkSecurity);
  const guard = (suffix: string, kind: string, spec: pulumi.Output<object | undefined>) =>
    new k8s.apiextensions.CustomResource(`${name}-${suffix}`, { apiVersion: SECURITY_API, kind, metadata, spec }, opts);
  const guards: pulumi.Resource[] = [];
  if (mtls !== undefined) {
    guards.push(
      guard(
        "mtls",
        "PeerAuthentication",
        guarded.apply((known) => known.mtls && peerAuthentication(app, known.mtls)),
      ),
    );
  }
  if (access !== undefined) {
    const ingress = pulumi
      .output((mesh.install ?? true) ? mesh.gatewayValues : undefined)
      .apply((values) => gatewayServiceAccount(mesh.gateway ?? {}, values));
    const spec = pulumi
      .all([guarded, ingress])
      .apply(([known, account]) => known.access && authorizationPolicy(app, known.access, account));
    guards.push(guard("access", "AuthorizationPolicy", spec));
  }
  return guards;
}
