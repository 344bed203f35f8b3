import { isObject } from "../internal/objects";
import { type Findings, shown } from "../validation/problem";
import { oneOf } from "../validation/values";

/** What an app's pods take from callers. */
export const MtlsMode = {
  /** Only callers with a certificate of the mesh, that is with a sidecar, or a gateway. */
  Strict: "STRICT",
  /** Callers with a certificate of the mesh, and plain text from others. */
  Permissive: "PERMISSIVE",
  /** Plain text only. From and to `STRICT` go by way of `PERMISSIVE`, or requests are lost while the proxies follow. */
  Disable: "DISABLE",
} as const;

/** One of {@link MtlsMode}. */
export type MtlsMode = (typeof MtlsMode)[keyof typeof MtlsMode];

/** The API version of Istio's security objects here. */
export const SECURITY_API = "security.istio.io/v1";

/** The spec of the PeerAuthentication of an app's pods, of all versions. */
export function peerAuthentication(app: string, mode: MtlsMode): object {
  return { selector: { matchLabels: { app } }, mtls: { mode } };
}

/** Checks a mode. */
export const checkMtlsMode = oneOf(Object.values(MtlsMode));

/** What callers must not be told by a DestinationRule's `tls.mode`, by what the pods take. */
const CONTRADICTING: Readonly<Record<MtlsMode, readonly unknown[]>> = {
  STRICT: ["DISABLE", "SIMPLE", "MUTUAL"],
  PERMISSIVE: [],
  DISABLE: ["ISTIO_MUTUAL"],
};

/**
 * Records where a traffic policy tells callers to speak what the pods do not take. It is looked for where `tls` is a
 * field of the policy, and where it is passed through; for the whole policy, and for single ports.
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
          `${why}: leave tls out, and callers do what the pods take`,
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
