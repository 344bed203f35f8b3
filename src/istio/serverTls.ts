import type { Input } from "@pulumi/pulumi";
import type { Plain } from "./plain";
import { isKnown } from "../validation/unknown";
import { type Check, type Rule, atMostOneOf, list, required, setOf, shape } from "../validation/shape";
import { extraFields, oneOf, pattern } from "../validation/values";
import { shown } from "../validation/problem";

/** How a gateway treats TLS from clients. */
export const ServerTlsMode = {
  /** The gateway presents a certificate and decrypts. The usual HTTPS. */
  Simple: "SIMPLE",
  /** Like SIMPLE, and clients must present a certificate, too. */
  Mutual: "MUTUAL",
  /** Like MUTUAL, but clients without a certificate are let in. */
  OptionalMutual: "OPTIONAL_MUTUAL",
  /** Both clients and the gateway present a certificate of the mesh; for callers that are proxies of the mesh. */
  IstioMutual: "ISTIO_MUTUAL",
  /**
   * The gateway decrypts nothing: the app itself has the certificate, and connections are matched by server name (SNI).
   */
  Passthrough: "PASSTHROUGH",
} as const;

/** One of {@link ServerTlsMode}. */
export type ServerTlsMode = (typeof ServerTlsMode)[keyof typeof ServerTlsMode];

/** A version of the TLS protocol. */
export const ServerTlsVersion = {
  /** What the proxies choose: at least 1.2, at most 1.3. */
  Auto: "TLS_AUTO",
  /** TLS 1.0. Insecure. */
  V1_0: "TLSV1_0",
  /** TLS 1.1. Insecure. */
  V1_1: "TLSV1_1",
  /** TLS 1.2, which all but the oldest clients have. */
  V1_2: "TLSV1_2",
  /** TLS 1.3, the newest. */
  V1_3: "TLSV1_3",
} as const;

/** One of {@link ServerTlsVersion}. */
export type ServerTlsVersion = (typeof ServerTlsVersion)[keyof typeof ServerTlsVersion];

/** The TLS of one server of a gateway. */
export interface ServerTlsArgs {
  /** The mode. Gateway `servers[].tls.mode`. @default "SIMPLE" */
  mode?: Input<ServerTlsMode>;
  /**
   * The Secret with the certificate, in the namespace of the gateway's pods (not the app's): `tls.crt` and `tls.key`,
   * for MUTUAL also `ca.crt`. For SIMPLE, MUTUAL and OPTIONAL_MUTUAL; set this or `credentialNames`. Gateway
   * `servers[].tls.credentialName`.
   */
  credentialName?: Input<string>;
  /**
   * One or two Secrets, e.g. with an RSA and an ECDSA certificate. Set this or `credentialName`. Gateway
   * `servers[].tls.credentialNames`.
   */
  credentialNames?: Input<Input<string>[]>;
  /**
   * The Secret with the certificate of the authority that signs clients' certificates, as `ca.crt`, if it is not in the
   * other Secret. For MUTUAL and OPTIONAL_MUTUAL. Gateway `servers[].tls.caCertCredentialName`.
   */
  caCertCredentialName?: Input<string>;
  /** The oldest version that is accepted. Gateway `servers[].tls.minProtocolVersion`. @default TLS 1.2 */
  minProtocolVersion?: Input<ServerTlsVersion>;
  /** The newest version that is accepted. Gateway `servers[].tls.maxProtocolVersion`. @default TLS 1.3 */
  maxProtocolVersion?: Input<ServerTlsVersion>;
  /**
   * The accepted ciphers up to TLS 1.2, by OpenSSL's names. Gateway `servers[].tls.cipherSuites`.
   * @default the proxies' own
   */
  cipherSuites?: Input<Input<string>[]>;
  /** Fields of Istio's `ServerTLSSettings` that have no argument here, as Istio spells them. They win over ours. */
  extra?: any;
}

/** The ciphers that Istio supports; it silently ignores others. */
const CIPHER_SUITES = [
  ...["ECDHE-ECDSA", "ECDHE-RSA"].flatMap((exchange) =>
    ["AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305", "AES128-SHA", "AES256-SHA"].map(
      (cipher) => `${exchange}-${cipher}`,
    ),
  ),
  ...["AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA", "DES-CBC3-SHA"],
];

/** The modes in which the gateway presents a certificate of the user's. */
const WITH_CERTIFICATE: readonly unknown[] = [ServerTlsMode.Simple, ServerTlsMode.Mutual, ServerTlsMode.OptionalMutual];

/** The modes in which it requests a client certificate signed by the user's own authority. */
const WITH_CLIENT_CERTIFICATE: readonly unknown[] = [ServerTlsMode.Mutual, ServerTlsMode.OptionalMutual];

/** Fields of `extra` that give Istio a certificate otherwise than by a Secret. */
const OTHER_CERTIFICATES = ["serverCertificate", "tlsCertificates"];

const secretName = pattern(/^\S+$/, "the name of a Secret in the namespace of the gateway's pods");

const certificateForMode: Rule<Plain<ServerTlsArgs>> = (value, findings) => {
  const { mode = ServerTlsMode.Simple, extra } = value;
  if (!isKnown(mode)) {
    return;
  }
  const given = setOf(value, ["credentialName", "credentialNames"]);
  if (!WITH_CERTIFICATE.includes(mode)) {
    given.forEach((name) =>
      findings
        .field(name)
        .add(
          `is set, and mode is ${mode}`,
          `${mode} takes no certificate: leave it out, or set mode to one of ${WITH_CERTIFICATE.join(", ")}`,
        ),
    );
  } else if (given.length === 0 && isKnown(extra) && setOf(extra ?? {}, OTHER_CERTIFICATES).length === 0) {
    findings
      .field("credentialName")
      .add("is missing", `${mode} needs a certificate: the name of a Secret in the namespace of the gateway's pods`);
  }
  if (!WITH_CLIENT_CERTIFICATE.includes(mode) && setOf(value, ["caCertCredentialName"]).length > 0) {
    findings
      .field("caCertCredentialName")
      .add(
        `is set, and mode is ${mode}`,
        `only ${WITH_CLIENT_CERTIFICATE.join(" and ")} ask clients for a certificate`,
      );
  }
};

const VERSIONS: readonly unknown[] = [
  ServerTlsVersion.V1_0,
  ServerTlsVersion.V1_1,
  ServerTlsVersion.V1_2,
  ServerTlsVersion.V1_3,
];
const PROTOCOL_FIELDS = ["minProtocolVersion", "maxProtocolVersion", "cipherSuites"];

const protocolFields: Rule<Plain<ServerTlsArgs>> = (value, findings) => {
  const { mode, minProtocolVersion: least, maxProtocolVersion: most } = value;
  const set = setOf(value, PROTOCOL_FIELDS);
  if (mode === ServerTlsMode.Passthrough) {
    set.forEach((name) =>
      findings.field(name).add(`is set, and mode is ${mode}`, "the gateway decrypts nothing then; the app decides"),
    );
    return;
  }
  if (VERSIONS.includes(least) && VERSIONS.includes(most) && VERSIONS.indexOf(least) > VERSIONS.indexOf(most)) {
    findings.field("minProtocolVersion").add(`is ${least}`, `not more than maxProtocolVersion (${most}) is needed`);
  }
  if ((least === ServerTlsVersion.V1_0 || least === ServerTlsVersion.V1_1) && !set.includes("cipherSuites")) {
    findings
      .field("minProtocolVersion")
      .add(
        `is ${least}`,
        "cipherSuites are needed as well: the proxies' defaults include none that old clients support",
      );
  }
};

const noCipherTwice: Check = (value, findings) => {
  const ciphers: readonly unknown[] = Array.isArray(value) ? value : [];
  ciphers.forEach((cipher, index) => {
    if (isKnown(cipher) && ciphers.indexOf(cipher) !== index) {
      findings.field(index).add(`is ${shown(cipher)} once more`, "leave one of them out");
    }
  });
};

const cipherSuites: Check = (value, findings) => {
  list(oneOf(CIPHER_SUITES), "a list of ciphers", 1)(value, findings);
  noCipherTwice(value, findings);
};

const credentialNames: Check = (value, findings) => {
  list(required(secretName, "the name of a Secret"), "a list of Secrets' names", 1)(value, findings);
  if (Array.isArray(value) && value.length > 2) {
    findings.add(`has ${value.length} names`, "Istio takes two at the most");
  }
};

/** Checks the TLS of one server: everything that the mode needs is set, and nothing that it does not support. */
export const checkServerTls: Check = shape<Plain<ServerTlsArgs>>(
  {
    mode: oneOf(Object.values(ServerTlsMode)),
    credentialName: secretName,
    credentialNames,
    caCertCredentialName: secretName,
    minProtocolVersion: oneOf(Object.values(ServerTlsVersion)),
    maxProtocolVersion: oneOf(Object.values(ServerTlsVersion)),
    cipherSuites,
    extra: extraFields,
  },
  atMostOneOf("credentialName", "credentialNames"),
  certificateForMode,
  protocolFields,
);

/** Istio's `ServerTLSSettings`. */
export function renderServerTls({ extra, ...tls }: Plain<ServerTlsArgs>): Record<string, unknown> {
  const rendered = {
    ...tls,
    mode: tls.mode ?? ServerTlsMode.Simple,
    caCertCredentialName: authorityName(tls.caCertCredentialName),
  };
  const set = Object.entries(rendered).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(set), ...(extra as object | undefined) };
}

const AUTHORITY_ONLY = "-cacert";

/**
 * The name of an authority's Secret. Istio expects a key pair in every Secret, unless the name has this ending; it then
 * finds the Secret with that name or the given one. Names with a scheme are other objects.
 */
function authorityName(secret: string | undefined): string | undefined {
  return secret === undefined || secret.endsWith(AUTHORITY_ONLY) || secret.includes("://")
    ? secret
    : `${secret}${AUTHORITY_ONLY}`;
}
