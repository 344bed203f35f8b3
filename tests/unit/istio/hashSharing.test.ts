import { type HashedApp, checkHashSharing } from "../../../src/istio/hashSharing";
import type { Plain } from "../../../src/istio/plain";
import { ServiceProtocol } from "../../../src/istio/protocol";
import type { RouteArgs } from "../../../src/istio/route";
import type { TrafficPolicyArgs } from "../../../src/istio/trafficPolicy";
import { UNKNOWN } from "../../../src/validation/unknown";
import { type Expected, assertProblems, problemsOf } from "../problems";

const WEB = { name: "web", port: 80, protocol: ServiceProtocol.Http };

type Policy = Plain<TrafficPolicyArgs>;

const header = (httpHeaderName: string): Policy => ({ consistentHash: { httpHeaderName } });

function app(service: Policy | undefined, ...own: (Policy | undefined)[]): HashedApp {
  const versions = own.map((trafficPolicy, index) => ({ name: `v${index + 1}`, trafficPolicy }));
  return { trafficPolicy: service, versions, ports: [WEB] };
}

/** The same with ports of HTTP, gRPC and TCP. */
function withPorts(given: HashedApp): HashedApp {
  const calls = { name: "calls", port: 9090, protocol: ServiceProtocol.Grpc };
  return { ...given, ports: [WEB, calls, { name: "raw", port: 9000, protocol: ServiceProtocol.Tcp }] };
}

describe("versions that share requests", () => {
  const EVERY: Plain<RouteArgs>[] = [{}];
  const BOTH = { v1: 75, v2: 25 };
  const cases: [
    name: string,
    app: HashedApp,
    routes: Plain<RouteArgs>[],
    weights: Record<string, number>,
    problems: Expected[],
  ][] = [
    ["may hash by nothing", app(undefined, undefined, undefined), EVERY, BOTH, []],
    ["may hash by the service's", app(header("a"), undefined, undefined), EVERY, BOTH, []],
    ["may hash by the same, whatever its case", app(undefined, header("X-User"), header("x-user")), EVERY, BOTH, []],
    ["may hash in one alone", app(undefined, header("a"), undefined), EVERY, BOTH, []],
    [
      "may not hash by two headers",
      app(undefined, header("a"), header("b")),
      EVERY,
      BOTH,
      [["versions[1].trafficPolicy", "by the header b, versions[0] by the header a", "hash by the same thing"]],
    ],
    [
      "may not hash by a cookie and an address",
      app(undefined, { consistentHash: { httpCookie: { name: "pod" } } }, { consistentHash: { useSourceIp: true } }),
      EVERY,
      BOTH,
      [["versions[1].trafficPolicy", "the caller's address, versions[0] by the cookie pod"]],
    ],
    [
      "may not hash by one's own and the service's",
      app(header("a"), { consistentHash: { httpQueryParameterName: "user" } }, undefined),
      EVERY,
      BOTH,
      [["versions[0].trafficPolicy", "by the query parameter user, versions[1] by the header a"]],
    ],
    [
      "may not have the service's hash put on their route by one that finds its pods without",
      app(header("a"), { loadBalancer: "RANDOM" }, header("b")),
      EVERY,
      BOTH,
      [["versions[1].trafficPolicy", "by the header b, versions[0] by the header a"]],
    ],
    [
      "may not hash by another thing on the port alone",
      app(header("a"), { portLevelSettings: [{ port: 80, ...header("b") }] }, undefined),
      EVERY,
      BOTH,
      [["versions[0].trafficPolicy", "by the header b"]],
    ],
    [
      "may hash otherwise on other ports",
      app(header("a"), { portLevelSettings: [{ port: 81, ...header("b") }] }, undefined),
      EVERY,
      BOTH,
      [],
    ],
    ["may hash apart while one has no weight", app(undefined, header("a"), header("b")), EVERY, { v1: 100, v2: 0 }, []],
    [
      "may hash apart on routes of their own",
      app(undefined, header("a"), header("b")),
      [{ version: "v1" }, { version: "v2" }],
      BOTH,
      [],
    ],
    [
      "may not hash apart on a route with weights of its own",
      app(undefined, header("a"), header("b")),
      [{ version: "v1" }, { weights: { v1: 50, v2: 50 } }],
      { v1: 100, v2: 0 },
      [["versions[1].trafficPolicy", "share the requests of routes[1]"]],
    ],
    [
      "are looked at among three",
      app(undefined, header("a"), header("b"), header("a")),
      EVERY,
      { v1: 50, v2: 0, v3: 50 },
      [],
    ],
    [
      "may not hash apart on a second port alone",
      withPorts(app(header("a"), { portLevelSettings: [{ port: 9090, ...header("b") }] }, undefined)),
      EVERY,
      BOTH,
      [["versions[0].trafficPolicy", "by the header b, versions[1] by the header a", "routes[0]"]],
    ],
    [
      "may hash apart on a port to which no requests that they share go",
      withPorts(app(header("a"), { portLevelSettings: [{ port: 9090, ...header("b") }] }, undefined)),
      [{ match: [{ port: 9090 }], version: "v1" }, { match: [{ port: 80 }] }, { match: [{ port: 8443 }] }],
      BOTH,
      [],
    ],
    [
      "may not hash apart on the port that a route names",
      withPorts(app(header("a"), { portLevelSettings: [{ port: 9090, ...header("b") }] }, undefined)),
      [{ match: [{ port: 80 }], port: "calls" }, { version: "v1" }],
      BOTH,
      [["versions[0].trafficPolicy", "by the header b"]],
    ],
    [
      "may hash apart on a port of connections",
      withPorts(app(header("a"), { portLevelSettings: [{ port: 9000, ...header("b") }] }, undefined)),
      EVERY,
      BOTH,
      [],
    ],
    [
      "are passed over while something is not known",
      app(undefined, header("a"), { consistentHash: UNKNOWN } as unknown as Policy),
      EVERY,
      BOTH,
      [],
    ],
  ];
  for (const [name, given, routes, weights, problems] of cases) {
    it(name, () =>
      assertProblems(
        problemsOf((findings) => checkHashSharing(given, routes, weights, findings)),
        problems,
      ),
    );
  }
});
