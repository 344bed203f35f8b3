import assert from "node:assert/strict";
import * as fc from "fast-check";
import { type AccessContext, authorizationPolicy, checkAccess } from "../../../src/istio/access";
import type { ServiceProtocol, Spoken } from "../../../src/istio/protocol";
import { UNKNOWN } from "../../../src/validation/unknown";
import { anything, roughly } from "../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../problems";

const spoken = (...protocols: ServiceProtocol[]): Spoken => ({ protocols, listed: protocols.length > 1 });
const CONTEXT: AccessContext = { hasHosts: true, spoken: spoken("http") };
const check = (rules: unknown, context: Partial<AccessContext> = {}) =>
  problemsOf((findings) => checkAccess(rules, { ...CONTEXT, ...context }, findings), "access");
const GATEWAY = { gateway: true };
const READER = { serviceAccounts: ["prod/reader"] };

describe("who may call an app", () => {
  const sound: [name: string, rules: unknown, context?: Partial<AccessContext>][] = [
    ["the gateway", [GATEWAY]],
    ["the gateway and an account", [{ ...GATEWAY, ...READER }]],
    ["an account alone, of an app without hosts", [READER], { hasHosts: false }],
    [
      "an account with methods and paths",
      [GATEWAY, { ...READER, methods: ["GET", "M-SEARCH"], paths: ["/", "/api/v1/hello", "/read/*", "*.png", "*"] }],
    ],
    ["an account with a dot in its name", [GATEWAY, { serviceAccounts: ["prod/reader.v1"] }]],
    ["someone not known yet", [{ gateway: UNKNOWN }]],
    ["accounts not known yet", [GATEWAY, { serviceAccounts: UNKNOWN }, { serviceAccounts: [UNKNOWN] }, UNKNOWN]],
    ["someone by rules not known yet", UNKNOWN],
    ["callers of TCP", [GATEWAY, READER], { spoken: spoken("tcp") }],
    ["callers of HTTP by path, and of TCP", [{ ...READER, paths: ["/"] }, GATEWAY], { spoken: spoken("http", "tcp") }],
    ["callers of an app of STRICT", [GATEWAY], { mtls: "STRICT" }],
  ];
  for (const [name, rules, context] of sound) {
    it(`may be ${name}`, () => assertProblems(check(rules, context), []));
  }

  const wrong: [name: string, rules: unknown, problems: Expected[], context?: Partial<AccessContext>][] = [
    ["no rules", [], [["access", "is []", "at least 1"]]],
    ["one rule that is no list", GATEWAY, [["access", "a list of rules"]]],
    ["a rule for nobody", [GATEWAY, { paths: ["/"] }], [["access[1]", "lets nobody in"]]],
    ["a rule without the gateway", [GATEWAY, { gateway: false }], [["access[1]", "lets nobody in"]]],
    [
      "an account without its namespace",
      [GATEWAY, { serviceAccounts: ["reader"] }],
      [["access[1].serviceAccounts[0]", 'is "reader"', "namespace/name"]],
    ],
    [
      "an account with a name longer than Kubernetes takes",
      [{ serviceAccounts: [`prod/${"a".repeat(254)}`] }],
      [["access[0].serviceAccounts[0]", "is", "namespace/name"]],
    ],
    ["no accounts", [{ ...GATEWAY, serviceAccounts: [] }], [["access[0].serviceAccounts", "is []"]]],
    [
      "a method in lower case",
      [{ ...GATEWAY, methods: ["get"] }],
      [["access[0].methods[0]", 'is "get"', "upper case"]],
    ],
    [
      "a path with a brace, which Istio keeps for templates",
      [{ ...GATEWAY, paths: ["/a/{id}"] }],
      [["access[0].paths[0]", 'is "/a/{id}"', "no { or }"]],
    ],
    ["a path without /", [{ ...GATEWAY, paths: ["api"] }], [["access[0].paths[0]", 'is "api"', "starts with /"]]],
    [
      "a path with * amid it",
      [{ ...GATEWAY, paths: ["/a/*/b"] }],
      [["access[0].paths[0]", 'is "/a/*/b"', "at its end"]],
    ],
    [
      "not the gateway, of an app with hosts",
      [READER],
      [["access", "never lets the ingress gateway in", "add { gateway: true }"]],
    ],
    [
      "known by certificates that are not there",
      [GATEWAY],
      [["access", "is set, and mtls is DISABLE", "nobody would be let in"]],
      { mtls: "DISABLE" },
    ],
    [
      "known by paths of TCP",
      [{ ...GATEWAY, paths: ["/"], methods: ["GET"] }],
      [
        ["access[0].methods", "service.protocol is tcp"],
        ["access[0].paths", "connections have none"],
      ],
      { spoken: spoken("tcp") },
    ],
    [
      "known by paths alone, of HTTP and TCP",
      [{ ...GATEWAY, paths: ["/"] }],
      [["access", "every rule, and service.ports speak http and tcp", "add a rule without methods and paths"]],
      { spoken: spoken("http", "tcp") },
    ],
  ];
  for (const [name, rules, problems, context] of wrong) {
    it(`may not be ${name}`, () => assertProblems(check(rules, context), problems));
  }

  it("is told by the identities of the mesh's certificates", () => {
    assert.deepEqual(
      authorizationPolicy(
        "shop",
        [GATEWAY, { ...READER, methods: ["GET"], paths: ["/read/*"] }, { ...GATEWAY, ...READER, paths: undefined }],
        "edge/edge",
      ),
      {
        selector: { matchLabels: { app: "shop" } },
        action: "ALLOW",
        rules: [
          { from: [{ source: { principals: ["cluster.local/ns/edge/sa/edge"] } }] },
          {
            from: [{ source: { principals: ["cluster.local/ns/prod/sa/reader"] } }],
            to: [{ operation: { methods: ["GET"], paths: ["/read/*"] } }],
          },
          { from: [{ source: { principals: ["cluster.local/ns/edge/sa/edge", "cluster.local/ns/prod/sa/reader"] } }] },
        ],
      },
    );
  });

  it("whatever is given, is looked at without an error", () => {
    const rule = roughly({
      gateway: fc.boolean(),
      serviceAccounts: fc.array(fc.string()),
      methods: fc.array(fc.string()),
      paths: fc.array(fc.string()),
    });
    fc.assert(
      fc.property(
        fc.oneof(fc.array(rule), anything()),
        fc.constantFrom("http", "tcp"),
        (rules, protocol) => void check(rules, { spoken: spoken(protocol as "http") }),
      ),
    );
  });
});
