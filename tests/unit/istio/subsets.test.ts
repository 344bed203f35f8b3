import assert from "node:assert/strict";
import * as fc from "fast-check";
import { virtualService } from "../../../src/istio/istioObjects";
import {
  bringsDestination,
  dropsDestination,
  namedSubsets,
  servedSubsets,
  startedSubsets,
} from "../../../src/istio/subsets";
import { ServiceProtocol } from "../../../src/istio/protocol";
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

/** The VirtualService of one route and these ports of the Service. */
function onPorts(ports: readonly number[], weights: Weights = { v1: 100 }): { http: object[] } {
  const named = ports.map((port) => ({ name: `p${port}`, port, protocol: ServiceProtocol.Http }));
  const reach = { hosts: ["shop.example.com"], gateway: "shop", internal: true };
  return virtualService(reach, { host: "shop", ports: named }, { routes: [{}], weights }) as { http: object[] };
}

const [route80] = onPorts([80]).http;

const to = (host: string, number: number, subset?: string) => ({ host, port: { number }, subset });

function withRoute(spec: { http: object[] }, destination: object, prefix = "/"): { http: object[] } {
  return { ...spec, http: [{ match: [{ uri: { prefix } }], route: [{ destination }] }, ...spec.http] };
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
      assert.equal(bringsDestination(shared(before), shared(after)), brings);
      assert.equal(dropsDestination(shared(before), shared(after)), drops);
    });
  }

  const moves: [name: string, before: object, after: object, brings: boolean, drops: boolean][] = [
    ["a port is added to the Service", onPorts([80]), onPorts([80, 9090]), true, false],
    ["the routes are those of the same two ports", onPorts([80, 9090]), onPorts([80, 9090]), false, false],
    ["a port goes", onPorts([80, 9090]), onPorts([80]), false, false],
    [
      "a port takes the place of the other: its requests fail until it has them",
      onPorts([80]),
      onPorts([81]),
      false,
      false,
    ],
    ["a port takes the place of one of two", onPorts([80, 9090]), onPorts([80, 9091]), false, false],
    ["the other port's requests go to a new version", onPorts([80]), onPorts([81], { v1: 50, v2: 50 }), true, false],
    [
      "some requests move to a port that is added",
      onPorts([80]),
      withRoute(onPorts([80]), to("shop", 9090, "v1")),
      true,
      false,
    ],
    [
      "some requests move to a port that had some",
      onPorts([80, 9090]),
      withRoute(onPorts([80, 9090]), to("shop", 9090, "v1")),
      false,
      false,
    ],
    ["some requests move to another Service", onPorts([80]), withRoute(onPorts([80]), to("articles", 80)), true, false],
    [
      "some requests move back from another Service",
      withRoute(onPorts([80]), to("articles", 80)),
      onPorts([80]),
      false,
      true,
    ],
    [
      "other requests move to another Service that had some",
      withRoute(onPorts([80]), to("articles", 80)),
      withRoute(onPorts([80]), to("articles", 80), "/new"),
      false,
      false,
    ],
    [
      "copies go to another Service",
      onPorts([80]),
      { http: [{ ...route80, mirrors: [{ destination: to("audit", 80) }] }] },
      true,
      false,
    ],
  ];
  for (const [name, before, after, brings, drops] of moves) {
    it(`${name}: brings ${brings ? "a destination" : "none"}, drops ${drops ? "one" : "none"}`, () => {
      assert.equal(bringsDestination(before, after), brings);
      assert.equal(dropsDestination(before, after), drops);
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
        assert.equal(bringsDestination(shared(shares), shared(shifted)), false);
        assert.equal(dropsDestination(shared(shares), shared(shifted)), false);
      }),
    );
  });

  it("that one change brings, its way back drops", () => {
    fc.assert(
      fc.property(sharedVersions(), sharedVersions(), (one, other) => {
        assert.equal(
          bringsDestination(shared(one.shares), shared(other.shares)),
          dropsDestination(shared(other.shares), shared(one.shares)),
        );
      }),
    );
  });

  it("come with the first VirtualService", () => assert.equal(bringsDestination(undefined, shared({ v1: 100 })), true));
});
