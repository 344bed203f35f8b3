import assert from "node:assert/strict";
import { overlap } from "../../../src/istio/sharedHosts";
import { UNKNOWN } from "../../../src/validation/unknown";

type Conditions = Record<string, unknown>;

const header = (name: string, condition: object = { exact: "1" }) => ({ headers: { [name]: condition } });
const without = (name: string, condition: object) => ({ withoutHeaders: { [name]: condition } });
const path = (prefix: string) => ({ uri: { prefix } });

describe("two VirtualServices of one host at a gateway", () => {
  const cases: [name: string, one: Conditions, other: Conditions, common: Conditions | undefined][] = [
    ["one header", header("x-a"), header("x-a"), header("x-a")],
    ["other values of one header", header("x-app", { exact: "a" }), header("x-app", { exact: "b" }), undefined],
    [
      "a value of a header, and its start",
      header("x-a", { exact: "beta" }),
      header("x-a", { prefix: "b" }),
      header("x-a", { exact: "beta" }),
    ],
    [
      "a value of a header, and another start",
      header("x-a", { exact: "beta" }),
      header("x-a", { prefix: "g" }),
      undefined,
    ],
    ["a header that is there, and a value of it", header("x-a", {}), header("x-a"), header("x-a")],
    [
      "two headers: a request may have both",
      header("x-a"),
      header("x-b"),
      { headers: { "x-a": { exact: "1" }, "x-b": { exact: "1" } } },
    ],
    ["a path, and a header", path("/api"), header("x-a"), { ...path("/api"), ...header("x-a") }],
    ["two paths", path("/api"), path("/shop"), undefined],
    ["a path in the other's", path("/api/v2"), path("/api"), path("/api/v2")],
    ["two paths, and a header", { ...path("/api"), ...header("x-a") }, path("/shop"), undefined],
    ["a header, and its absence", header("x-a"), without("x-a", { regex: "*" }), undefined],
    [
      "a header, and the absence of that value",
      header("x-a"),
      { ...path("/api"), ...without("x-a", { exact: "1" }) },
      undefined,
    ],
    [
      "a header, and the absence of another value",
      header("x-a"),
      without("x-a", { exact: "2" }),
      { ...header("x-a"), ...without("x-a", { exact: "2" }) },
    ],
    [
      "a start of a header, and the absence of a value of it",
      header("x-a", { prefix: "b" }),
      without("x-a", { exact: "beta" }),
      { ...header("x-a", { prefix: "b" }), ...without("x-a", { exact: "beta" }) },
    ],
    [
      "other methods of one path",
      { ...path("/api"), method: { exact: "GET" } },
      { ...path("/api"), method: { exact: "POST" } },
      undefined,
    ],
    [
      "a method, and a query",
      { method: { exact: "GET" } },
      { queryParams: { q: { exact: "1" } } },
      { method: { exact: "GET" }, queryParams: { q: { exact: "1" } } },
    ],
    ["other ports", { ...header("x-a"), port: 80 }, { ...header("x-b"), port: 81 }, undefined],
    [
      "expressions of one header, of which nothing is certain",
      header("x-a", { regex: "a.*" }),
      header("x-a", { regex: ".*b" }),
      undefined,
    ],
    ["what is not known yet", header("x-a"), { headers: { "x-b": UNKNOWN } }, undefined],
    [
      "callers inside the mesh",
      { ...path("/api"), gateways: ["mesh"] },
      { ...path("/api"), gateways: ["mesh"] },
      undefined,
    ],
    [
      "callers inside the mesh, and those of a gateway",
      { ...path("/api"), gateways: ["mesh"] },
      path("/api"),
      undefined,
    ],
  ];
  for (const [name, one, other, common] of cases) {
    it(`${common === undefined ? "do not meet" : "meet"} by ${name}`, () => {
      const routes = (match: Conditions) => [{ match: [match] }];
      const [told, reversed] = [overlap(routes(one), routes(other)), overlap(routes(other), routes(one))];
      assert.equal(reversed === undefined, common === undefined, reversed);
      assert.deepEqual(told && JSON.parse(told.replace("both take requests with ", "")), common);
    });
  }

  it("may share it where one takes the rest, which Istio puts last", () => {
    assert.equal(overlap([{}], [{ match: [header("x-a")] }]), undefined);
    assert.equal(overlap([{}], [{}]), "both take every request");
  });
});
