import assert from "node:assert/strict";
import * as fc from "fast-check";
import { virtualService } from "../../../src/istio/istioObjects";
import { type RouteArgs, checkRoutes } from "../../../src/istio/route";
import type { Plain } from "../../../src/istio/plain";
import { type RoutedPort, portsOf } from "../../../src/istio/portRoutes";
import { ServiceProtocol } from "../../../src/istio/protocol";
import { checkReachable } from "../../../src/istio/reachability";
import { stickinessOf } from "../../../src/istio/sticky";
import { sharedVersions } from "../arbitraries";
import { problemsOf } from "../problems";

type Route = Plain<RouteArgs>;

const HOST = "shop.prod.svc.cluster.local";
const REACH = { hosts: ["shop.example.com"], gateway: "shop", internal: true };
const WEB = { name: "web", port: 80, protocol: ServiceProtocol.Http };
const CALLS = { name: "calls", port: 9090, protocol: ServiceProtocol.Grpc };
const ADMIN = { name: "admin", port: 8081, protocol: ServiceProtocol.Http };
const RAW = { name: "raw", port: 5000, protocol: ServiceProtocol.Tcp };
const MORE = { name: "more", port: 5001, protocol: ServiceProtocol.Tcp };
const SEALED = { name: "sealed", port: 443, protocol: ServiceProtocol.Tls };
const ALSO = { name: "also", port: 444, protocol: ServiceProtocol.Tls };
const WEIGHTS = { v1: 75, v2: 25 };

interface Rule {
  name?: string;
  match?: { port?: number; uri?: { exact: string }; sniHosts?: string[]; headers?: object }[];
  route: { destination: { host: string; subset: string; port: { number: number } }; weight?: number }[];
}

type Spec = Partial<Record<"http" | "tcp" | "tls", Rule[]>>;

const specOf = (
  ports: readonly RoutedPort[],
  routes: readonly Route[] = [{}],
  weights: Record<string, number> = WEIGHTS,
) => virtualService(REACH, { host: HOST, ports }, { routes, weights }) as Spec;

/** Each rule as `what it takes → the port it leads to`. */
const told = (rules: readonly Rule[] = []) =>
  rules.map(
    ({ match, route }) =>
      `${match === undefined ? "all" : JSON.stringify(match)} → ${route[0].destination.port.number}`,
  );

describe("the routes of several ports", () => {
  const cases: [
    name: string,
    ports: RoutedPort[],
    expected: Partial<Record<keyof Spec, string[]>>,
    routes?: Route[],
  ][] = [
    ["one port of HTTP", [WEB], { http: ["all → 80"] }],
    ["one port of TCP", [RAW], { tcp: ["all → 5000"] }],
    ["HTTP and gRPC", [WEB, CALLS], { http: ['[{"port":9090}] → 9090', "all → 80"] }],
    ["the first takes the rest", [CALLS, WEB], { http: ['[{"port":80}] → 80', "all → 9090"] }],
    [
      "HTTP, TCP and TLS, each kind by itself",
      [WEB, RAW, SEALED],
      {
        http: ["all → 80"],
        tcp: ["all → 5000"],
        tls: [`[{"sniHosts":["shop.example.com","${HOST}"]}] → 443`],
      },
    ],
    [
      "two of each kind",
      [WEB, RAW, SEALED, CALLS, MORE, ALSO],
      {
        http: ['[{"port":9090}] → 9090', "all → 80"],
        tcp: ['[{"port":5001}] → 5001', "all → 5000"],
        tls: [
          `[{"sniHosts":["shop.example.com","${HOST}"],"port":444}] → 444`,
          `[{"sniHosts":["shop.example.com","${HOST}"]}] → 443`,
        ],
      },
    ],
    [
      "routes with conditions, for each port in their order",
      [WEB, CALLS],
      {
        http: [
          '[{"uri":{"exact":"/a"},"port":9090}] → 9090',
          '[{"port":9090}] → 9090',
          '[{"uri":{"exact":"/a"}}] → 80',
          "all → 80",
        ],
      },
      [{ match: [{ uri: { exact: "/a" } }] }, {}],
    ],
    [
      "a route for what was called by one number, with that number alone",
      [WEB, CALLS],
      { http: ['[{"port":9090}] → 9090', '[{"port":80}] → 80', "all → 80"] },
      [{ match: [{ port: 9090 }] }, { match: [{ port: 80 }] }, {}],
    ],
    [
      "a route that names a port, whatever was called",
      [WEB, CALLS],
      {
        http: [
          '[{"uri":{"exact":"/a"},"port":9090}] → 9090',
          '[{"port":9090}] → 9090',
          '[{"uri":{"exact":"/a"}}] → 9090',
          "all → 80",
        ],
      },
      [{ match: [{ uri: { exact: "/a" } }], port: "calls" }, {}],
    ],
  ];
  for (const [name, ports, expected, routes] of cases) {
    it(`are ${name}`, () => {
      const { http, tcp, tls } = specOf(ports, routes);
      const lists = Object.entries({ http, tcp, tls }).filter(([, rules]) => rules !== undefined);
      const all = Object.fromEntries(lists.map(([kind, rules]) => [kind, told(rules)]));
      assert.deepEqual(all, expected);
    });
  }

  it("have copies go to the port of their own", () => {
    const routes: Route[] = [{ mirrors: [{ version: "v2" }] }];
    const { http } = specOf([WEB, CALLS], routes) as unknown as {
      http: { mirrors: { destination: { port: object } }[] }[];
    };
    assert.deepEqual(
      http.map(({ mirrors }) => mirrors[0].destination.port),
      [{ number: 9090 }, { number: 80 }],
    );
  });

  it("keep users on their version on each port", () => {
    const spec = virtualService(
      REACH,
      { host: HOST, ports: [WEB, CALLS] },
      { routes: [{}], weights: WEIGHTS, sticky: stickinessOf("shop", {}) },
    ) as Required<Spec>;
    assert.deepEqual(
      spec.http.map(({ match = [], route }) => [
        match[0]?.port,
        match[0]?.headers !== undefined,
        route.map(({ destination }) => `${destination.subset}:${destination.port.number}`).join(),
      ]),
      [
        [9090, true, "v1:9090"],
        [9090, true, "v2:9090"],
        [9090, false, "v1:9090,v2:9090"],
        [undefined, true, "v1:80"],
        [undefined, true, "v2:80"],
        [undefined, false, "v1:80,v2:80"],
      ],
    );
  });

  const PORTS = [WEB, CALLS, ADMIN, RAW, MORE, SEALED, ALSO];
  const somePorts = fc.shuffledSubarray(PORTS, { minLength: 1 });
  const uri = fc.constantFrom("/a", "/b", "/c");
  const number = fc.constantFrom(80, 9090, 8081, 443);

  it("have the same weights on every port", () => {
    fc.assert(
      fc.property(somePorts, sharedVersions(), (ports, { shares }) => {
        const { http = [], tcp = [], tls = [] } = specOf(ports, [{}], shares);
        const rules = [...http, ...tcp, ...tls];
        assert.equal(rules.length, ports.length);
        for (const { route } of rules) {
          assert.deepEqual(
            Object.fromEntries(route.map(({ destination, weight }) => [destination.subset, weight])),
            shares,
          );
        }
        assert.deepEqual(
          rules.map(({ route }) => route[0].destination.port.number).sort(),
          ports.map(({ port }) => port).sort(),
        );
      }),
    );
  });

  it("lead each request to the port that was called, by the first route that takes it", () => {
    const match = fc.record({ port: number, uri: uri.map((exact) => ({ exact })) }, { requiredKeys: [] });
    const route = fc.record(
      { match: fc.array(match, { minLength: 1, maxLength: 2 }), port: fc.constantFrom("web", "calls", "admin") },
      { requiredKeys: [] },
    );
    const takes = (given: Pick<Rule, "match">, called: number, path: string) =>
      given.match === undefined ||
      given.match.some(
        (each) => (each.port ?? called) === called && (each.uri === undefined || each.uri.exact === path),
      );
    fc.assert(
      fc.property(
        somePorts.filter((ports) => portsOf("http", ports).length > 0),
        fc.array(route, { minLength: 1, maxLength: 4 }),
        number,
        uri,
        (ports, given, called, path) => {
          const own = portsOf("http", ports);
          fc.pre(problemsOf((findings) => checkRoutes(given, findings)).length === 0);
          const routes = given.map(({ port, ...rest }) => ({
            ...rest,
            ...(own.some(({ name }) => name === port) ? { port } : {}),
          }));
          // As it is meant: the port that was called, or the first; then the routes as they are given.
          const first = routes.find((each) => takes(each as Pick<Rule, "match">, called, path));
          const port = own.find((each) => each.port === called) ?? own[0];
          const named = own.find(({ name }) => name === first?.port);
          const expected = first === undefined ? undefined : (named ?? port).port;
          // As Istio takes the rules that were made of it.
          const { http = [] } = specOf(ports, routes);
          const rule = http.find((each) => takes(each, called, path));
          assert.equal(rule?.route[0].destination.port.number, expected);
          const idle = problemsOf((findings) => checkReachable(http, findings));
          assert.deepEqual(idle, [], "Istio warns of rules that no request can reach");
        },
      ),
      { numRuns: 1000 },
    );
  });
});
