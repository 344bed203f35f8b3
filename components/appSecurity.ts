import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { authorizationPolicy, checkAccess } from "../traffic/access";
import { SECURITY_API, checkMtlsMode, checkTlsAgainstMtls, peerAuthentication } from "../traffic/mtls";
import type { Plain } from "../traffic/plain";
import { ServiceProtocol } from "../traffic/protocol";
import { EVERY_HOST } from "../traffic/reach";
import type { Findings } from "../validation/problem";
import { isKnown } from "../validation/unknown";
import type { CanaryAppArgs } from "./canaryAppArgs";
import { gatewayServiceAccount } from "./ingressGateway";
import { validated } from "./validated";

/** The arguments that must fit each other, each with its inputs. */
interface Guarded {
  mtls?: unknown;
  access?: unknown;
  trafficPolicy?: unknown;
  versions?: unknown;
  hosts?: unknown;
  service?: unknown;
}

/** Records what is wrong with who may call an app and how, and with callers that are told to do otherwise. */
export function checkSecurity({ mtls, access, trafficPolicy, versions, hosts, service }: Guarded, findings: Findings): void {
  if (mtls !== undefined && isKnown(mtls)) {
    checkMtlsMode(mtls, findings.field("mtls"));
    checkTlsAgainstMtls(trafficPolicy, mtls, findings.field("trafficPolicy"));
    for (const [index, version] of (Array.isArray(versions) ? Array.from<unknown>(versions) : []).entries()) {
      const policy = typeof version === "object" && version !== null ? (version as { trafficPolicy?: unknown }).trafficPolicy : undefined;
      checkTlsAgainstMtls(policy, mtls, findings.field("versions").field(index).field("trafficPolicy"));
    }
  }
  if (access !== undefined && isKnown(access)) {
    const given = isKnown(service) && typeof service === "object" && service !== null ? (service as { protocol?: ServiceProtocol }) : {};
    const protocol = given.protocol ?? ServiceProtocol.Http;
    checkAccess(access, { hasHosts: ((hosts ?? EVERY_HOST) as readonly unknown[]).length > 0, protocol, mtls }, findings.field("access"));
  }
}

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
  const guard = (suffix: string, kind: string, spec: pulumi.Input<object>) =>
    new k8s.apiextensions.CustomResource(`${name}-${suffix}`, { apiVersion: SECURITY_API, kind, metadata, spec }, opts);
  const guards: pulumi.Resource[] = [];
  if (mtls !== undefined) {
    guards.push(guard("mtls", "PeerAuthentication", guarded.apply((known) => peerAuthentication(app, known.mtls as never))));
  }
  if (access !== undefined) {
    const ingress = pulumi.output((mesh.install ?? true) ? mesh.gatewayValues : undefined).apply((values) => gatewayServiceAccount(mesh.gateway ?? {}, values));
    const spec = pulumi.all([guarded, ingress]).apply(([known, account]) => authorizationPolicy(app, known.access as Plain<CanaryAppArgs>["access"] & object, account));
    guards.push(guard("access", "AuthorizationPolicy", spec));
  }
  return guards;
}
