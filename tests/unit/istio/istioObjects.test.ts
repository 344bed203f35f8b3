import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  NETWORKING_API,
  baseDestinationRule,
  versionDestinationRule,
  virtualService,
} from "../../../src/istio/istioObjects";
import { ServiceProtocol } from "../../../src/istio/protocol";
import { namedSubsets } from "../../../src/istio/subsets";
import { LoadBalancer } from "../../../src/istio/policy";
import { sharedVersions } from "../arbitraries";

describe("Istio's objects", () => {
  it("are of the version that Istio stores", () => assert.equal(NETWORKING_API, "networking.istio.io/v1"));

  it("have what all versions share in a DestinationRule without subsets", () => {
    assert.deepEqual(baseDestinationRule("shop.ns.svc.cluster.local", { loadBalancer: LoadBalancer.RoundRobin }), {
      host: "shop.ns.svc.cluster.local",
      trafficPolicy: { loadBalancer: { simple: "ROUND_ROBIN" } },
    });
  });

  it("have a DestinationRule with one subset for a version", () => {
    assert.deepEqual(versionDestinationRule("shop", "v1"), {
      host: "shop",
      subsets: [{ name: "v1", labels: { version: "v1" } }],
    });
    assert.deepEqual(versionDestinationRule("shop", "v2", { loadBalancer: LoadBalancer.Random }), {
      host: "shop",
      subsets: [{ name: "v2", labels: { version: "v2" }, trafficPolicy: { loadBalancer: { simple: "RANDOM" } } }],
    });
  });

  const destination = {
    host: "shop.ns.svc.cluster.local",
    ports: [{ name: "http", port: 8080, protocol: ServiceProtocol.Http }],
  };
  const reaches: [name: string, reach: Parameters<typeof virtualService>[0], hosts: string[], gateways: string[]][] = [
    ["every host from outside", { hosts: ["*"], gateway: "shop", internal: false }, ["*"], ["shop"]],
    ["the mesh alone", { hosts: [], internal: true }, [destination.host], ["mesh"]],
    [
      "named hosts and the mesh",
      { hosts: ["shop.example.com"], gateway: "shop", internal: true },
      ["shop.example.com", destination.host],
      ["shop", "mesh"],
    ],
  ];
  for (const [name, reach, hosts, gateways] of reaches) {
    it(`have a VirtualService for ${name}`, () => {
      assert.deepEqual(virtualService(reach, destination, { routes: [{}], weights: { v1: 100 } }), {
        hosts,
        gateways,
        http: [
          {
            retries: { attempts: 2, retryOn: "connect-failure,refused-stream,reset-before-request" },
            route: [
              { destination: { host: "shop.ns.svc.cluster.local", subset: "v1", port: { number: 8080 } }, weight: 100 },
            ],
          },
        ],
      });
    });
  }

  it("have the routes in their order, each shared among the versions", () => {
    const routes = [{ name: "first", match: [{ uri: { exact: "/a" } }] }, { name: "last" }];
    const { http } = virtualService(reaches[0][1], destination, { routes, weights: { v1: 75, v2: 25 } }) as {
      http: { name: string; route: { weight: number }[] }[];
    };
    assert.deepEqual(
      http.map(({ name, route }) => [name, route.map(({ weight }) => weight)]),
      [
        ["first", [75, 25]],
        ["last", [75, 25]],
      ],
    );
  });

  it("name in the VirtualService exactly the subsets that the versions' DestinationRules have", () => {
    fc.assert(
      fc.property(sharedVersions(), ({ versions, shares }) => {
        const rules = versions.map(
          (version) => versionDestinationRule("shop", version) as { subsets: { name: string }[] },
        );
        const named = namedSubsets(virtualService(reaches[0][1], destination, { routes: [{}], weights: shares }));
        assert.deepEqual([...named].sort(), rules.flatMap(({ subsets }) => subsets.map(({ name }) => name)).sort());
      }),
    );
  });
});
