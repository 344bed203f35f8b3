import assert from "node:assert/strict";
import * as fc from "fast-check";
import { virtualService } from "../../../src/istio/istioObjects";
import { bringsSubset, dropsSubset, namedSubsets, servedSubsets, startedSubsets } from "../../../src/istio/subsets";
import type { Weights } from "../../../src/istio/weights";
import { sharedVersions, shuffled } from "../arbitraries";

/** The VirtualService of one route with these shares. */
function shared(shares: Weights): object {
  return virtualService(
    { hosts: ["*"], gateway: "shop", internal: false },
    { host: "shop", ports: [{ name: "http", port: 80, protocol: "http" }] },
    { routes: [{}], weights: shares },
  );
}

describe("the subsets of a VirtualService", () => {
  const specs: [name: string, spec: unknown, named: string[], served: string[]][] = [
    ["two with weights", shared({ v1: 75, v2: 25 }), ["v1", "v2"], ["v1", "v2"]],
    ["one without requests", shared({ v1: 100, v2: 0 }), ["v1", "v2"], ["v1"]],
    ["one with 1%", shared({ v1: 99, v2: 1 }), ["v1", "v2"], ["v1", "v2"]],
    [
      "one without a weight beside one with all",
      { http: [{ route: [{ destination: { subset: "v1" }, weight: 100 }, { destination: { subset: "v2" } }] }] },
      ["v1", "v2"],
      ["v1"],
    ],
    ["one alone", shared({ v1: 100 }), ["v1"], ["v1"]],
    ["one alone without a weight", { http: [{ route: [{ destination: { subset: "v1" } }] }] }, ["v1"], ["v1"]],
    [
      "one alone with weight 0, to which Istio sends all the same",
      { http: [{ route: [{ destination: { subset: "v1" }, weight: 0 }] }] },
      ["v1"],
      ["v1"],
    ],
    [
      "two routes",
      { http: [{ route: [{ destination: { subset: "v2" } }] }, { route: [{ destination: { subset: "v1" } }] }] },
      ["v1", "v2"],
      ["v1", "v2"],
    ],
    [
      "connections of TCP",
      {
        tcp: [
          {
            route: [
              { destination: { subset: "v1" }, weight: 100 },
              { destination: { subset: "v2" }, weight: 0 },
            ],
          },
        ],
      },
      ["v1", "v2"],
      ["v1"],
    ],
    ["connections of TLS", { tls: [{ route: [{ destination: { subset: "v1" } }] }] }, ["v1"], ["v1"]],
    [
      "requests and connections",
      { http: [{ route: [{ destination: { subset: "v2" } }] }], tcp: [{ route: [{ destination: { subset: "v1" } }] }] },
      ["v1", "v2"],
      ["v1", "v2"],
    ],
    [
      "one that gets copies",
      {
        http: [
          {
            route: [{ destination: { subset: "v1" } }],
            mirrors: [{ destination: { subset: "v2" } }, { destination: { host: "audit" } }],
          },
        ],
      },
      ["v1", "v2"],
      ["v1", "v2"],
    ],
    [
      "one that gets copies of none",
      {
        http: [
          {
            route: [{ destination: { subset: "v1" } }],
            mirrors: [{ destination: { subset: "v2" }, percentage: { value: 0 } }],
          },
        ],
      },
      ["v1", "v2"],
      ["v1"],
    ],
    [
      "one that gets copies in Istio's older field",
      { http: [{ directResponse: {}, mirror: { subset: "v2" } }] },
      ["v2"],
      ["v2"],
    ],
    [
      "one alone in its route beside its weight 0 in another",
      {
        http: [
          { route: [{ destination: { subset: "v2" } }] },
          {
            route: [
              { destination: { subset: "v1" }, weight: 100 },
              { destination: { subset: "v2" }, weight: 0 },
            ],
          },
        ],
      },
      ["v1", "v2"],
      ["v1", "v2"],
    ],
    ["a redirect", { http: [{ redirect: { uri: "/" } }] }, [], []],
    ["a destination without subset", { http: [{ route: [{ destination: { host: "shop" } }] }] }, [], []],
    ["no routes", {}, [], []],
    ["nothing at all", undefined, [], []],
  ];
  for (const [name, spec, named, served] of specs) {
    it(`${name}: named ${named.join(", ") || "none"}, served ${served.join(", ") || "none"}`, () => {
      assert.deepEqual([...namedSubsets(spec)].sort(), named);
      assert.deepEqual([...servedSubsets(spec)].sort(), served);
    });
  }

  const changes: [name: string, before: Weights, after: Weights, brings: boolean, drops: boolean][] = [
    ["weights shift", { v1: 75, v2: 25 }, { v1: 50, v2: 50 }, false, false],
    ["weights shift from nothing", { v1: 100, v2: 0 }, { v1: 75, v2: 25 }, false, false],
    ["weights shift to nothing", { v1: 75, v2: 25 }, { v1: 0, v2: 100 }, false, false],
    ["nothing changes", { v1: 75, v2: 25 }, { v1: 75, v2: 25 }, false, false],
    ["a version comes with requests", { v1: 100 }, { v1: 75, v2: 25 }, true, false],
    ["a version comes with 1%", { v1: 100 }, { v1: 99, v2: 1 }, true, false],
    ["a version goes that had 1%", { v1: 99, v2: 1 }, { v1: 100 }, false, true],
    ["a version comes without requests", { v1: 100 }, { v1: 100, v2: 0 }, false, false],
    ["a version goes that had requests", { v1: 75, v2: 25 }, { v1: 100 }, false, true],
    ["a version goes that had none", { v1: 100, v2: 0 }, { v1: 100 }, false, false],
    ["every version is replaced", { v1: 100 }, { v2: 100 }, true, true],
    ["a version is replaced among others", { v1: 50, v2: 50 }, { v2: 50, v3: 50 }, true, true],
  ];
  for (const [name, before, after, brings, drops] of changes) {
    it(`${name}: brings ${brings ? "one" : "none"}, drops ${drops ? "one" : "none"}`, () => {
      assert.equal(bringsSubset(shared(before), shared(after)), brings);
      assert.equal(dropsSubset(shared(before), shared(after)), drops);
    });
  }

  it("start when they get requests that they did not get before", () => {
    assert.deepEqual(startedSubsets(shared({ v1: 100, v2: 0 }), shared({ v1: 50, v2: 50 })), ["v2"]);
    assert.deepEqual(startedSubsets(shared({ v1: 75, v2: 25 }), shared({ v1: 25, v2: 75 })), []);
    assert.deepEqual(startedSubsets(undefined, shared({ v1: 100, v2: 0 })), ["v1"]);
  });

  it("neither come nor go by a shift of weights among the same versions", () => {
    const shifts = sharedVersions().chain(({ versions, shares }) => fc.tuple(fc.constant(shares), shuffled(versions)));
    fc.assert(
      fc.property(shifts, ([shares, others]) => {
        const shifted = Object.fromEntries(others.map((name, index) => [name, Object.values(shares)[index]]));
        assert.equal(bringsSubset(shared(shares), shared(shifted)), false);
        assert.equal(dropsSubset(shared(shares), shared(shifted)), false);
      }),
    );
  });

  it("that one change brings, its way back drops", () => {
    fc.assert(
      fc.property(sharedVersions(), sharedVersions(), (one, other) => {
        assert.equal(
          bringsSubset(shared(one.shares), shared(other.shares)),
          dropsSubset(shared(other.shares), shared(one.shares)),
        );
      }),
    );
  });

  it("come with the first VirtualService", () => assert.equal(bringsSubset(undefined, shared({ v1: 100 })), true));
});
