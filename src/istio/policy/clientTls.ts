import type { Input } from "@pulumi/pulumi";
import { type Findings, shown } from "../../validation/problem";
import { type Check, list, required, setOf, shape } from "../../validation/shape";
import type { Plain } from "../plain";
import { flag, oneOf, text } from "../../validation/values";

/** How callers' proxies encrypt what they send to the pods. */
export const TlsMode = {
  /** Not at all. */
  Disable: "DISABLE",
  /** TLS in which only the pods show a certificate. */
  Simple: "SIMPLE",
  /** TLS in which both sides show certificates, which you provide. */
  Mutual: "MUTUAL",
  /** TLS in which both sides show the certificates that Istio gives them. */
  IstioMutual: "ISTIO_MUTUAL",
} as const;

/** One of {@link TlsMode}. */
export type TlsMode = (typeof TlsMode)[keyof typeof TlsMode];

/**
 * How callers' proxies encrypt what they send. By default, Istio detects which pods speak its mutual TLS. Set it only
 * if that is wrong, because a mode that the pods do not speak means 503 for every request.
 */
export interface ClientTlsArgs {
  /** The mode. DestinationRule `tls.mode`. */
  mode: Input<TlsMode>;
  /**
   * The file of the caller's certificate, in its proxy; required for MUTUAL, unless `credentialName` is set.
   * DestinationRule `tls.clientCertificate`.
   */
  clientCertificate?: Input<string>;
  /**
   * The file of its private key; required for MUTUAL, unless `credentialName` is set. DestinationRule `tls.privateKey`.
   */
  privateKey?: Input<string>;
  /**
   * The file of the certificate authorities' certificates; for SIMPLE and MUTUAL. DestinationRule `tls.caCertificates`.
   * @default the authorities known to the proxy's operating system
   */
  caCertificates?: Input<string>;
  /** The file of the authorities' revocation list; for SIMPLE and MUTUAL. DestinationRule `tls.caCrl`. @default none */
  caCrl?: Input<string>;
  /**
   * A Secret with all of these instead of files; for SIMPLE and MUTUAL, and only for the proxies of gateways.
   * DestinationRule `tls.credentialName`.
   */
  credentialName?: Input<string>;
  /**
   * The names of which the pods' certificate must have at least one; not with DISABLE. DestinationRule
   * `tls.subjectAltNames`.
   * @default what Istio knows
   */
  subjectAltNames?: Input<Input<string>[]>;
  /**
   * The host name (SNI) that is sent in the handshake; not with DISABLE. DestinationRule `tls.sni`.
   * @default Istio's
   */
  sni?: Input<string>;
  /**
   * Whether the check of the pods' certificate is skipped; for SIMPLE and MUTUAL. DestinationRule
   * `tls.insecureSkipVerify`.
   * @default false
   */
  insecureSkipVerify?: Input<boolean>;
}

/** The fields, besides the mode, that have a meaning in each mode. */
const FIELDS_OF: Readonly<Record<string, readonly string[]>> = {
  [TlsMode.Disable]: [],
  [TlsMode.Simple]: ["caCertificates", "caCrl", "credentialName", "subjectAltNames", "sni", "insecureSkipVerify"],
  [TlsMode.Mutual]: [
    "clientCertificate",
    "privateKey",
    "caCertificates",
    "caCrl",
    "credentialName",
    "subjectAltNames",
    "sni",
    "insecureSkipVerify",
  ],
  [TlsMode.IstioMutual]: ["subjectAltNames", "sni"],
};

const FILES = ["clientCertificate", "privateKey", "caCertificates", "caCrl"];

const path = text("the path of a file in the proxy");

/** Checks the callers' side of TLS. */
export const clientTls: Check = shape<Plain<ClientTlsArgs>>(
  {
    mode: required(oneOf(Object.values(TlsMode)), `one of ${Object.values(TlsMode).join(", ")}`),
    clientCertificate: path,
    privateKey: path,
    caCertificates: path,
    caCrl: path,
    credentialName: text("the name of a Secret"),
    subjectAltNames: list(text("a name"), "a list of names", 1),
    sni: text("a host name"),
    insecureSkipVerify: flag,
  },
  fieldsOfMode,
  certificates,
  nothingToCheck,
);

function fieldsOfMode(value: Plain<ClientTlsArgs>, findings: Findings): void {
  const { mode } = value;
  const allowed = FIELDS_OF[String(mode)];
  if (allowed === undefined) {
    return; // not known yet
  }
  for (const field of setOf(value, Object.keys(value)).filter((name) => name !== "mode" && !allowed.includes(name))) {
    findings
      .field(field)
      .add(
        `is set, but means nothing with mode ${mode}`,
        allowed.length === 0 ? "leave it out" : `with it, only ${allowed.join(", ")} may be set`,
      );
  }
}

/** Certificates come from files or from a Secret; MUTUAL needs them. */
function certificates(value: Plain<ClientTlsArgs>, findings: Findings): void {
  const { mode } = value;
  const files = setOf(value, FILES);
  if (mode !== TlsMode.Simple && mode !== TlsMode.Mutual) {
    return;
  }
  if (setOf(value, ["credentialName"]).length === 1) {
    if (files.length > 0) {
      findings.add(
        `has credentialName and ${files.join(", ")}`,
        "certificates come from a Secret or from files, not from both",
      );
    }
  } else if (mode === TlsMode.Mutual) {
    for (const file of ["clientCertificate", "privateKey"].filter((name) => !files.includes(name))) {
      findings.field(file).add("is missing", "mode MUTUAL needs clientCertificate and privateKey, or a credentialName");
    }
  }
}

/** Settings for the check of a certificate make no sense if it is not checked. */
function nothingToCheck(value: Plain<ClientTlsArgs>, findings: Findings): void {
  const { mode, insecureSkipVerify } = value;
  const checking =
    mode === TlsMode.Simple
      ? ["caCertificates", "credentialName", "subjectAltNames"]
      : ["caCertificates", "subjectAltNames"];
  const set = setOf(value, checking);
  if (insecureSkipVerify === true && (mode === TlsMode.Simple || mode === TlsMode.Mutual) && set.length > 0) {
    findings
      .field("insecureSkipVerify")
      .add(`is ${shown(true)} beside ${set.join(", ")}`, "a certificate is either checked against them or not checked");
  }
}
