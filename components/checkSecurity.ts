import { checkAccess } from "../src/istio/access";
import { checkMtlsMode, checkTlsAgainstMtls } from "../src/istio/mtls";
import { EVERY_HOST } from "../src/istio/reach";
import { SPOKEN_BY_DEFAULT, spokenOf } from "../src/istio/servicePorts";
import type { Findings } from "../src/validation/problem";
import { isKnown } from "../src/validation/unknown";

/** The arguments that are checked against each other, with their inputs. */
interface Guarded {
  mtls?: unknown;
  access?: unknown;
  trafficPolicy?: unknown;
  versions?: unknown;
  hosts?: unknown;
  service?: unknown;
}

/** Records conflicts between `access`, `mtls` and the TLS mode that traffic policies prescribe to callers. */
export function checkSecurity(
  { mtls, access, trafficPolicy, versions, hosts, service }: Guarded,
  findings: Findings,
): void {
  if (mtls !== undefined && isKnown(mtls)) {
    checkMtlsMode(mtls, findings.field("mtls"));
    checkTlsAgainstMtls(trafficPolicy, mtls, findings.field("trafficPolicy"));
    for (const [index, version] of (Array.isArray(versions) ? Array.from<unknown>(versions) : []).entries()) {
      const policy =
        typeof version === "object" && version !== null
          ? (version as { trafficPolicy?: unknown }).trafficPolicy
          : undefined;
      checkTlsAgainstMtls(policy, mtls, findings.field("versions").field(index).field("trafficPolicy"));
    }
  }
  if (access !== undefined && isKnown(access)) {
    const spoken = spokenOf(service) ?? SPOKEN_BY_DEFAULT;
    checkAccess(
      access,
      { hasHosts: ((hosts ?? EVERY_HOST) as readonly unknown[]).length > 0, spoken, mtls },
      findings.field("access"),
    );
  }
}
