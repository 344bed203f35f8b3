import { isObject } from "../internal/objects";
import { type Findings, shown } from "../validation/problem";
import { oneOf } from "../validation/values";

/** Which connections an app's pods accept. */
export const MtlsMode = {
  /** Only callers with a certificate of the mesh: those with a sidecar, and gateways. */
  Strict: "STRICT",
  /** Callers with a certificate of the mesh, and plain text from others. */
  Permissive: "PERMISSIVE",
  /**
   * Plain text only. Change to and from `STRICT` by way of `PERMISSIVE`, or requests fail until all proxies have
   * followed.
   */
  Disable: "DISABLE",
} as const;

/** One of {@link MtlsMode}. */
export type MtlsMode = (typeof MtlsMode)[keyof typeof MtlsMode];

/** The API version of Istio's security objects here. */
export const SECURITY_API = "security.istio.io/v1";

/** The spec of the PeerAuthentication for the pods of all versions of an app. */
export function peerAuthentication(app: string, mode: MtlsMode): object {
  return { selector: { matchLabels: { app } }, mtls: { mode } };
}

/** Checks a mode. */
export const checkMtlsMode = oneOf(Object.values(MtlsMode));

/** The `tls.mode` of a DestinationRule that contradicts what the pods accept. */
const CONTRADICTING: Readonly<Record<MtlsMode, readonly unknown[]>> = {
  STRICT: ["DISABLE", "SIMPLE", "MUTUAL"],
  PERMISSIVE: [],
  DISABLE: ["ISTIO_MUTUAL"],
};

/**
 * Records a traffic policy that makes callers speak what the pods do not accept. It is looked for in the field `tls` of
 * the policy and in passed-through fields, for the whole policy and for single ports.
 *
 * @param findings At the policy's path.
 */
export function checkTlsAgainstMtls(policy: unknown, mode: unknown, findings: Findings): void {
  if (!Object.values(MtlsMode).includes(mode as MtlsMode) || !isObject(policy)) {
    return;
  }
  const refused = CONTRADICTING[mode as MtlsMode];
  const look = (part: unknown, field: Findings) => {
    const tls = isObject(part) ? part.tls : undefined;
    if (isObject(tls) && refused.includes(tls.mode)) {
      const why =
        mode === MtlsMode.Strict
          ? "the pods take nothing but certificates of the mesh"
          : "the pods take nothing but plain text";
      field
        .field("tls")
        .field("mode")
        .add(
          `is ${shown(tls.mode)}, and mtls is ${mode as MtlsMode}`,
          `${why}: leave tls out, and callers adapt to the pods`,
        );
    }
  };
  for (const [part, field] of [
    [policy, findings],
    [policy.extra, findings.field("extra")],
  ] as const) {
    look(part, field);
    const ports = isObject(part) && Array.isArray(part.portLevelSettings) ? part.portLevelSettings : [];
    ports.forEach((each, index) => look(each, field.field("portLevelSettings").field(index)));
  }
}
