import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** A certificate and its key, as PEM. */
export interface Certificate {
  /** The certificate, which is its own authority. */
  cert: string;
  /** Its private key. */
  key: string;
}

/** A certificate for one host, signed by itself, for an hour. */
export function selfSigned(host: string): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = sequence(der(0x31, sequence(objectId(2, 5, 4, 3), der(0x0c, Buffer.from(host)))));
  const validity = sequence(utcTime(Date.now() - 3_600_000), utcTime(Date.now() + 3_600_000));
  const subjectAltName = sequence(objectId(2, 5, 29, 17), der(0x04, sequence(der(0x82, Buffer.from(host)))));
  const certified = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(subjectAltName)),
  );
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign("sha256", certified, privateKey)]));
  const lines =
    sequence(certified, ECDSA_WITH_SHA256, signature)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** One value of ASN.1, in its distinguished encoding. */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function objectId(first: number, second: number, ...rest: number[]): Buffer {
  const base128 = (value: number): number[] =>
    value < 128 ? [value] : [...base128(value >> 7).map((byte) => byte | 0x80), value & 0x7f];
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function utcTime(milliseconds: number): Buffer {
  return der(0x17, Buffer.from(`${new Date(milliseconds).toISOString().slice(2, 19).replace(/[-:T]/g, "")}Z`));
}

const ECDSA_WITH_SHA256 = sequence(objectId(1, 2, 840, 10045, 4, 3, 2));

/** A Secret of a certificate, and of the authority that signs clients' certificates if one is given. */
export function tlsSecret(
  namespace: string,
  name: string,
  { cert, key }: Certificate,
  authority?: Certificate,
): object {
  const stringData = {
    "tls.crt": cert,
    "tls.key": key,
    ...(authority === undefined ? {} : { "ca.crt": authority.cert }),
  };
  return { apiVersion: "v1", kind: "Secret", metadata: { namespace, name }, type: "kubernetes.io/tls", stringData };
}
