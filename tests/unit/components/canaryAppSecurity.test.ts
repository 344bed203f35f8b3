import assert from "node:assert/strict";
import * as fc from "fast-check";
import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, type CanaryAppArgs } from "../../../components";
import { checkSecurity } from "../../../components/checkSecurity";
import { gatewayServiceAccount } from "../../../components/ingressGateway";
import { Findings } from "../../../src/validation/problem";
import { anyValue } from "../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../problems";
import { TWO_VERSIONS, TYPES, find, key, recordApp, recordFailing } from "../recordings";

const PEERS = "kubernetes:security.istio.io/v1:PeerAuthentication";
const POLICY = "kubernetes:security.istio.io/v1:AuthorizationPolicy";
const BASE: CanaryAppArgs = { ...TWO_VERSIONS, mesh: { install: false, gateway: { address: "203.0.113.7" } } };
const gateway = "cluster.local/ns/istio-ingress/sa/istio-ingressgateway";

describe("an app that restricts its callers", () => {
  it("has no object for it unless it is asked for", async () => {
    const { resources } = await recordApp(BASE);
    assert.deepEqual(
      resources.filter(({ type }) => type.includes("security.istio.io")),
      [],
    );
  });

  it("has one PeerAuthentication, which is there before its pods", async () => {
    for (const mtls of ["STRICT" as const, pulumi.output("STRICT" as const)]) {
      const { resources } = await recordApp({ ...BASE, mtls });
      const { inputs } = find(resources, PEERS, "shop-mtls");
      assert.deepEqual([inputs.metadata.name, inputs.metadata.namespace], ["shop", "shop"]);
      assert.deepEqual(inputs.spec, { selector: { matchLabels: { app: "shop" } }, mtls: { mode: "STRICT" } });
      for (const name of ["shop-v1", "shop-v2"]) {
        assert.ok(find(resources, TYPES.deployment, name).dependencies.includes(`${PEERS}::shop-mtls`), name);
      }
    }
  });

  it("has one AuthorizationPolicy, which is there before its pods", async () => {
    const { resources } = await recordApp({
      ...BASE,
      access: [{ gateway: true }, pulumi.output({ serviceAccounts: ["prod/reader"] })],
    });
    const { inputs } = find(resources, POLICY, "shop-access");
    assert.deepEqual(inputs.spec, {
      selector: { matchLabels: { app: "shop" } },
      action: "ALLOW",
      rules: [
        { from: [{ source: { principals: [gateway] } }] },
        { from: [{ source: { principals: ["cluster.local/ns/prod/sa/reader"] } }] },
      ],
    });
    assert.ok(find(resources, TYPES.deployment, "shop-v1").dependencies.includes(`${POLICY}::shop-access`));
  });

  it("waits for the control plane with it, where that is installed too", async () => {
    const { resources } = await recordApp({ ...TWO_VERSIONS, mtls: "STRICT", access: [{ gateway: true }] });
    for (const resource of [find(resources, PEERS, "shop-mtls"), find(resources, POLICY, "shop-access")]) {
      assert.ok(resource.dependencies.includes(`${TYPES.release}::shop-mesh-istiod`), key(resource));
    }
  });

  it("knows the gateway by the account that the chart makes of its values", async () => {
    const mesh = {
      gateway: { namespace: "edge", address: "203.0.113.7" },
      gatewayValues: pulumi.output({ serviceAccount: { name: "door" } }),
    };
    const { resources } = await recordApp({ ...TWO_VERSIONS, mesh, access: [{ gateway: true }] });
    assert.deepEqual(find(resources, POLICY, "shop-access").inputs.spec.rules[0].from[0].source.principals, [
      "cluster.local/ns/edge/sa/door",
    ]);
  });

  const accounts: [
    name: string,
    gateway: Parameters<typeof gatewayServiceAccount>[0],
    values: unknown,
    account: string,
  ][] = [
    ["the usual one", {}, undefined, "istio-ingress/istio-ingressgateway"],
    ["of a Release", { namespace: "edge", release: "istio-edge" }, {}, "edge/istio-edge"],
    ["of the chart's name", { release: "edge" }, { name: "door" }, "istio-ingress/door"],
    ["of its own name", {}, { name: "door", serviceAccount: { name: "porter" } }, "istio-ingress/porter"],
    ["the namespace's", {}, { serviceAccount: { create: false } }, "istio-ingress/default"],
    ["as given", { serviceAccount: "given" }, { serviceAccount: { name: "porter" } }, "istio-ingress/given"],
  ];
  for (const [name, ingress, values, account] of accounts) {
    it(`knows the gateway's account: ${name}`, () => assert.equal(gatewayServiceAccount(ingress, values), account));
  }

  const DISABLED = { extra: { tls: { mode: "DISABLE" } } };
  const refused: [name: string, args: object, problems: Expected[]][] = [
    ["an unknown mode", { mtls: "strict" }, [["mtls", 'is "strict"']]],
    [
      "callers that are told to speak plain text",
      { mtls: "STRICT", trafficPolicy: DISABLED },
      [["trafficPolicy.extra.tls.mode", 'is "DISABLE", and mtls is STRICT']],
    ],
    [
      "a version's callers",
      { mtls: "STRICT", versions: [{}, { trafficPolicy: DISABLED }] },
      [["versions[1].trafficPolicy.extra.tls.mode", 'is "DISABLE"']],
    ],
    [
      "no gateway for hosts",
      { access: [{ serviceAccounts: ["a/b"] }] },
      [["access", "never lets the ingress gateway in"]],
    ],
    ["no certificates", { access: [{ gateway: true }], mtls: "DISABLE" }, [["access", "is set, and mtls is DISABLE"]]],
    [
      "paths of TCP",
      { access: [{ gateway: true, paths: ["/"] }], service: { protocol: "tcp" } },
      [["access[0].paths", "service.protocol is tcp"]],
    ],
  ];
  for (const [name, args, problems] of refused) {
    it(`is refused: ${name}`, () =>
      assertProblems(
        problemsOf((findings) => checkSecurity(args, findings)),
        problems,
      ));
  }

  it("whose contradiction becomes known late has no pods", async () => {
    const program = () =>
      void new CanaryApp("shop", { ...BASE, mtls: pulumi.output("STRICT" as const), trafficPolicy: DISABLED });
    const { messages, registered } = await recordFailing(program);
    assert.match(messages.join("\n"), /trafficPolicy\.extra\.tls\.mode is "DISABLE", and mtls is STRICT/);
    assert.deepEqual(
      registered.filter((each) => each.startsWith(TYPES.deployment) || each.startsWith(PEERS)),
      [],
    );
  });

  it("is looked at without an error, whatever is given", () => {
    const args = fc.record({
      mtls: anyValue(),
      access: anyValue(),
      trafficPolicy: anyValue(),
      versions: fc.oneof(anyValue(), fc.array(anyValue())),
      hosts: anyValue(),
      service: anyValue(),
    });
    fc.assert(fc.property(args, (given) => checkSecurity(given, Findings.at())));
  });
});
