import assert from "node:assert/strict";
import * as fc from "fast-check";
import { ServerTlsMode, ServerTlsVersion, checkServerTls, renderServerTls } from "../../../src/istio/serverTls";
import { UNKNOWN } from "../../../src/validation/unknown";
import { anything, roughly } from "../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../problems";

const check = (tls: unknown) => problemsOf((findings) => checkServerTls(tls, findings), "tls");
const C = { credentialName: "shop" };

describe("the TLS of a gateway's server", () => {
  const sound: [name: string, tls: object][] = [
    ["a certificate", C],
    ["a certificate that is not known yet", { credentialName: UNKNOWN }],
    ["two certificates", { credentialNames: ["rsa", "ecdsa"] }],
    ["one for clients that have one, too", { ...C, mode: "MUTUAL", caCertCredentialName: "ca" }],
    ["one for clients that may have one", { ...C, mode: "OPTIONAL_MUTUAL" }],
    ["the mesh's", { mode: "ISTIO_MUTUAL", minProtocolVersion: "TLSV1_3" }],
    ["the app's", { mode: "PASSTHROUGH" }],
    ["versions", { ...C, minProtocolVersion: "TLSV1_2", maxProtocolVersion: "TLSV1_2" }],
    ["the proxies' versions", { ...C, minProtocolVersion: "TLS_AUTO", maxProtocolVersion: "TLSV1_0" }],
    [
      "old versions with their ciphers",
      { ...C, minProtocolVersion: "TLSV1_0", cipherSuites: ["ECDHE-RSA-AES128-SHA", "AES256-SHA"] },
    ],
    ["a certificate from files", { extra: { serverCertificate: "/etc/crt", privateKey: "/etc/key" } }],
    [
      "fields that are not known yet",
      { mode: UNKNOWN, minProtocolVersion: UNKNOWN, cipherSuites: UNKNOWN, extra: UNKNOWN },
    ],
  ];
  for (const [name, tls] of sound) {
    it(`may be ${name}`, () => assertProblems(check(tls), []));
  }

  const wrong: [name: string, tls: unknown, problems: Expected[]][] = [
    ["a text", "SIMPLE", [["tls", 'is "SIMPLE"', "an object"]]],
    [
      "a misspelt field",
      { ...C, credentailName: "x" },
      [["tls.credentailName", "is an unknown argument", "credentialName"]],
    ],
    ["an unknown mode", { ...C, mode: "simple" }, [["tls.mode", 'is "simple"', "one of SIMPLE, MUTUAL"]]],
    ["without a certificate", {}, [["tls.credentialName", "is missing", "SIMPLE needs"]]],
    [
      "MUTUAL without a certificate",
      { mode: "MUTUAL", extra: {} },
      [["tls.credentialName", "is missing", "MUTUAL needs"]],
    ],
    [
      "both kinds of names",
      { ...C, credentialNames: ["a"] },
      [["tls", "has credentialName and credentialNames", "only one of"]],
    ],
    ["three names", { credentialNames: ["a", "b", "c"] }, [["tls.credentialNames", "has 3 names", "two at the most"]]],
    ["no names", { credentialNames: [] }, [["tls.credentialNames", "is []", "at least 1"]]],
    ["a name with a space", { credentialName: "my cert" }, [["tls.credentialName", 'is "my cert"', "a Secret"]]],
    [
      "PASSTHROUGH with a certificate",
      { ...C, mode: "PASSTHROUGH" },
      [["tls.credentialName", "is set, and mode is PASSTHROUGH", "takes no certificate"]],
    ],
    [
      "ISTIO_MUTUAL with a certificate",
      { ...C, mode: "ISTIO_MUTUAL" },
      [["tls.credentialName", "is set, and mode is ISTIO_MUTUAL"]],
    ],
    [
      "an authority for SIMPLE",
      { ...C, caCertCredentialName: "ca" },
      [["tls.caCertCredentialName", "is set, and mode is SIMPLE", "MUTUAL"]],
    ],
    [
      "PASSTHROUGH with versions",
      { mode: "PASSTHROUGH", minProtocolVersion: "TLSV1_3" },
      [["tls.minProtocolVersion", "is set, and mode is PASSTHROUGH", "decrypts nothing"]],
    ],
    ["an unknown version", { ...C, minProtocolVersion: "1.3" }, [["tls.minProtocolVersion", 'is "1.3"', "TLSV1_3"]]],
    [
      "versions the wrong way round",
      { ...C, minProtocolVersion: "TLSV1_3", maxProtocolVersion: "TLSV1_2" },
      [["tls.minProtocolVersion", "is TLSV1_3", "maxProtocolVersion (TLSV1_2)"]],
    ],
    [
      "old versions without ciphers",
      { ...C, minProtocolVersion: "TLSV1_1" },
      [["tls.minProtocolVersion", "is TLSV1_1", "cipherSuites are needed"]],
    ],
    [
      "an unknown cipher",
      { ...C, cipherSuites: ["AES128-SHA", "RC4-MD5"] },
      [["tls.cipherSuites[1]", 'is "RC4-MD5"', "ECDHE-RSA-AES128-GCM-SHA256"]],
    ],
    [
      "a cipher twice",
      { ...C, cipherSuites: ["AES128-SHA", "AES128-SHA"] },
      [["tls.cipherSuites[1]", 'is "AES128-SHA" once more']],
    ],
  ];
  for (const [name, tls, problems] of wrong) {
    it(`may not be ${name}`, () => assertProblems(check(tls), problems));
  }

  it("is SIMPLE unless it says otherwise, and has nothing that was not given", () => {
    assert.deepEqual(renderServerTls({ ...C, minProtocolVersion: undefined }), {
      mode: "SIMPLE",
      credentialName: "shop",
    });
    assert.deepEqual(renderServerTls({ mode: ServerTlsMode.Passthrough }), { mode: "PASSTHROUGH" });
  });

  it("names the Secret of an authority so that Istio looks for nothing but an authority in it", () => {
    const named = (caCertCredentialName: string) =>
      renderServerTls({ ...C, mode: "MUTUAL", caCertCredentialName }).caCertCredentialName;
    assert.equal(named("clients"), "clients-cacert");
    assert.equal(named("clients-cacert"), "clients-cacert");
    assert.equal(named("configmap://clients"), "configmap://clients");
  });

  it("passes on what has no argument, which wins", () => {
    const tls = {
      ...C,
      maxProtocolVersion: ServerTlsVersion.V1_2,
      extra: { subjectAltNames: ["a"], maxProtocolVersion: "TLSV1_3" },
    };
    assert.deepEqual(renderServerTls(tls), {
      mode: "SIMPLE",
      credentialName: "shop",
      maxProtocolVersion: "TLSV1_3",
      subjectAltNames: ["a"],
    });
  });

  it("whatever is given, is looked at without an error", () => {
    const fields = {
      mode: fc.constantFrom(...Object.values(ServerTlsMode)),
      minProtocolVersion: fc.constantFrom(...Object.values(ServerTlsVersion)),
    };
    const rough = roughly({
      ...fields,
      maxProtocolVersion: fields.minProtocolVersion,
      credentialName: fc.string(),
      credentialNames: fc.array(fc.string()),
      cipherSuites: fc.array(fc.string()),
      extra: fc.object(),
    });
    fc.assert(fc.property(fc.oneof(rough, anything()), (tls) => void check(tls)));
  });
});
