import assert from "node:assert/strict";
import { type CrdSchemas, requireCrdSchemas } from "./crdSchemas";

const ROUTE = { destination: { host: "shop", subset: "v1", port: { number: 80 } }, weight: 25 };

describe("the schemas of Istio's definitions", () => {
  let schemas: CrdSchemas;

  before(function () {
    schemas = requireCrdSchemas(this);
  });

  const cases: [name: string, kind: string, spec: object, objection?: RegExp][] = [
    ["a weighted route", "VirtualService", { hosts: ["shop"], http: [{ route: [ROUTE] }] }],
    ["fields that are undefined", "VirtualService", { hosts: ["shop"], http: [{ name: undefined, route: [ROUTE] }] }],
    [
      "a weight that is text",
      "VirtualService",
      { hosts: ["shop"], http: [{ route: [{ ...ROUTE, weight: "25" }] }] },
      /^spec\.http\.0\.route\.0\.weight must be integer/,
    ],
    [
      "a misspelt field",
      "VirtualService",
      { hosts: ["shop"], http: [{ rout: [ROUTE] }] },
      /^spec\.http\.0 must NOT have additional properties \(rout\)/,
    ],
    [
      "a match of two kinds",
      "VirtualService",
      { hosts: ["shop"], http: [{ match: [{ uri: { exact: "/a", prefix: "/b" } }] }] },
      /^spec\.http\.0\.match\.0\.uri must match exactly one/,
    ],
    ["a load balancer", "DestinationRule", { host: "shop", trafficPolicy: { loadBalancer: { simple: "RANDOM" } } }],
    [
      "an unknown load balancer",
      "DestinationRule",
      { host: "shop", trafficPolicy: { loadBalancer: { simple: "FASTEST" } } },
      /^spec\.trafficPolicy\.loadBalancer\.simple must be equal to one of/,
    ],
    ["a rule without a host", "DestinationRule", { trafficPolicy: {} }, /^spec must have required property 'host'/],
    [
      "an ejection time",
      "DestinationRule",
      { host: "shop", trafficPolicy: { outlierDetection: { consecutive5xxErrors: 3, baseEjectionTime: "30s" } } },
    ],
    [
      "a whole number as text where only numbers go",
      "DestinationRule",
      { host: "shop", trafficPolicy: { outlierDetection: { maxEjectionPercent: "100" } } },
      /maxEjectionPercent must be integer/,
    ],
    [
      "a gateway",
      "Gateway",
      {
        selector: { istio: "gateway" },
        servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
      },
    ],
    [
      "a server without hosts",
      "Gateway",
      { servers: [{ port: { number: 80, name: "http", protocol: "HTTP" } }] },
      /must have required property 'hosts'/,
    ],
  ];
  for (const [name, kind, spec, objection] of cases) {
    it(`${objection === undefined ? "take" : "refuse"} ${name}`, () => {
      const objections = schemas.objections({ apiVersion: "networking.istio.io/v1", kind, spec });
      if (objection === undefined) {
        assert.deepEqual(objections, []);
      } else {
        assert.ok(
          objections.some((each) => objection.test(each)),
          `${objection} among: ${objections.join("; ")}`,
        );
      }
    });
  }

  it("refuse a kind they do not know", () => {
    assert.match(
      schemas.objections({ apiVersion: "networking.istio.io/v1", kind: "Road", spec: {} })[0],
      /no schema for networking\.istio\.io\/v1 Road/,
    );
  });
});
