import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  MtlsMode,
  SECURITY_API,
  checkMtlsMode,
  checkTlsAgainstMtls,
  peerAuthentication,
} from "../../../src/istio/mtls";
import { UNKNOWN } from "../../../src/validation/unknown";
import { anything } from "../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../problems";

const against = (policy: unknown, mode: unknown) =>
  problemsOf((findings) => checkTlsAgainstMtls(policy, mode, findings), "trafficPolicy");

describe("mutual TLS of an app's pods", () => {
  it("is a PeerAuthentication for the pods of all versions", () => {
    assert.equal(SECURITY_API, "security.istio.io/v1");
    assert.deepEqual(peerAuthentication("shop", MtlsMode.Strict), {
      selector: { matchLabels: { app: "shop" } },
      mtls: { mode: "STRICT" },
    });
  });

  it("is one of three modes", () => {
    Object.values(MtlsMode).forEach((mode) =>
      assertProblems(
        problemsOf((findings) => checkMtlsMode(mode, findings), "mtls"),
        [],
      ),
    );
    assertProblems(
      problemsOf((findings) => checkMtlsMode("strict", findings), "mtls"),
      [["mtls", 'is "strict"', "one of STRICT, PERMISSIVE, DISABLE"]],
    );
  });

  const cases: [name: string, mode: unknown, policy: unknown, problems: Expected[]][] = [
    ["STRICT and no tls", "STRICT", { loadBalancer: "RANDOM" }, []],
    ["STRICT and no policy", "STRICT", undefined, []],
    ["STRICT and the mesh's certificates", "STRICT", { extra: { tls: { mode: "ISTIO_MUTUAL" } } }, []],
    [
      "STRICT and plain text",
      "STRICT",
      { extra: { tls: { mode: "DISABLE" } } },
      [["trafficPolicy.extra.tls.mode", 'is "DISABLE", and mtls is STRICT', "certificates of the mesh"]],
    ],
    [
      "STRICT and plain text, as a field",
      "STRICT",
      { tls: { mode: "DISABLE" } },
      [["trafficPolicy.tls.mode", 'is "DISABLE", and mtls is STRICT']],
    ],
    [
      "STRICT and TLS without the mesh",
      "STRICT",
      { tls: { mode: "SIMPLE" } },
      [["trafficPolicy.tls.mode", 'is "SIMPLE"']],
    ],
    [
      "STRICT and other certificates",
      "STRICT",
      { tls: { mode: "MUTUAL" } },
      [["trafficPolicy.tls.mode", 'is "MUTUAL"']],
    ],
    [
      "STRICT and plain text for a port",
      "STRICT",
      { extra: { portLevelSettings: [{ port: { number: 80 } }, { tls: { mode: "DISABLE" } }] } },
      [["trafficPolicy.extra.portLevelSettings[1].tls.mode", 'is "DISABLE"']],
    ],
    [
      "DISABLE and the mesh's certificates",
      "DISABLE",
      { tls: { mode: "ISTIO_MUTUAL" } },
      [["trafficPolicy.tls.mode", 'is "ISTIO_MUTUAL", and mtls is DISABLE', "plain text"]],
    ],
    ["DISABLE and an app's own TLS", "DISABLE", { tls: { mode: "SIMPLE" } }, []],
    ["PERMISSIVE and anything", "PERMISSIVE", { tls: { mode: "DISABLE" } }, []],
    ["what is not known yet", "STRICT", { tls: UNKNOWN, extra: { tls: { mode: UNKNOWN } } }, []],
    ["a mode that is not known yet", UNKNOWN, { tls: { mode: "DISABLE" } }, []],
  ];
  for (const [name, mode, policy, problems] of cases) {
    it(`${problems.length > 0 ? "contradict: " : "go together: "}${name}`, () =>
      assertProblems(against(policy, mode), problems));
  }

  it("is looked at without an error beside whatever is given", () => {
    fc.assert(
      fc.property(
        anything(),
        fc.oneof(anything(), fc.record({ tls: anything(), portLevelSettings: anything(), extra: anything() })),
        (mode, policy) => void against(policy, mode),
      ),
    );
    fc.assert(
      fc.property(
        fc.oneof(anything(), fc.record({ tls: anything(), extra: anything() })),
        (policy) => void against(policy, "STRICT"),
      ),
    );
  });
});
