import * as pulumi from "@pulumi/pulumi";
import { authorizationPolicy } from "../src/istio/access";
import { SECURITY_API, peerAuthentication } from "../src/istio/mtls";
import { type AppContext, istioObject } from "./appContext";
import { checkSecurity } from "./checkSecurity";
import { gatewayServiceAccount } from "./ingressGateway";
import { validated } from "./validated";

/**
 * The security objects of an app's pods: the PeerAuthentication and the AuthorizationPolicy, as far as they are asked
 * for. They exist before the pods, so that no pod is ever unprotected.
 */
export function appGuards(context: AppContext): pulumi.Resource[] {
  const { subject, app, args } = context;
  const { mtls, access, trafficPolicy, hosts, service, mesh = {} } = args;
  if (mtls === undefined && access === undefined) {
    return [];
  }
  const versions = args.versions.map((version) => ({ trafficPolicy: version.trafficPolicy }));
  const guarded = validated(subject, "", { mtls, access, trafficPolicy, versions, hosts, service }, checkSecurity);
  const guards: pulumi.Resource[] = [];
  if (mtls !== undefined) {
    const spec = guarded.apply((known) => known.mtls && peerAuthentication(app, known.mtls));
    guards.push(istioObject(context, "mtls", { apiVersion: SECURITY_API, kind: "PeerAuthentication", spec }));
  }
  if (access !== undefined) {
    const ingress = pulumi
      .output((mesh.install ?? true) ? mesh.gatewayValues : undefined)
      .apply((values) => gatewayServiceAccount(mesh.gateway ?? {}, values));
    const spec = pulumi
      .all([guarded, ingress])
      .apply(([known, account]) => known.access && authorizationPolicy(app, known.access, account));
    guards.push(istioObject(context, "access", { apiVersion: SECURITY_API, kind: "AuthorizationPolicy", spec }));
  }
  return guards;
}
