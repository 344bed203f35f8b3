import assert from "node:assert/strict";
import { type ReachingArgs, checkReach, routedInside } from "../../../src/istio/reach";
import type { ServiceProtocol, Spoken } from "../../../src/istio/protocol";
import { UNKNOWN } from "../../../src/validation/unknown";
import { type Expected, assertProblems, problemsOf } from "../problems";

const spoken = (...protocols: ServiceProtocol[]): Spoken => ({ protocols, listed: protocols.length > 1 });
const BASE = { hosts: ["shop.example.com"], spoken: spoken("http"), hasRoutes: false };
const HTTP = { port: 80 };
const TCP = { port: 9000, protocol: "TCP" };
const TERMINATED = { port: 9443, protocol: "TLS", tls: { credentialName: "shop" } };
const PASSED = { port: 443, tls: { mode: "PASSTHROUGH" } };

describe("from where an app is reached", () => {
  const cases: [name: string, args: object, problems: Expected[]][] = [
    ["by default", {}, []],
    ["every host", { hosts: ["*"] }, []],
    ["every host, and not from inside", { hosts: ["*"], internal: false }, []],
    [
      "every host, and from inside",
      { hosts: ["*"], internal: true },
      [["internal", 'is true, and hosts has "*"', "name the hosts"]],
    ],
    ["the mesh alone", { hosts: [], internal: true }, []],
    ["nowhere", { hosts: [], internal: false }, [["internal", "is false, and hosts is []", "nobody"]]],
    ["a gateway without hosts", { hosts: [], gateway: { use: "a/b" } }, [["gateway", "is set, and hosts is []"]]],
    ["a shared gateway, whose hosts are not known", { gateway: { use: "a/b" } }, []],
    [
      "a shared gateway that answers for the host",
      { gateway: { use: "a/b", usedServers: [{ ...HTTP, hosts: ["*.example.com"] }] } },
      [],
    ],
    ["a shared gateway whose servers are not known yet", { gateway: { use: "a/b", usedServers: UNKNOWN } }, []],
    [
      "a host that the shared gateway does not answer for",
      { gateway: { use: "a/b", usedServers: [{ ...HTTP, hosts: ["a.com"] }] } },
      [["hosts[0]", 'is "shop.example.com", which no server of the gateway answers for', "servers of the Gateway a/b"]],
    ],
    [
      "HTTP by a shared gateway that answers for the host with TCP alone",
      { gateway: { use: "a/b", usedServers: [{ ...TCP, hosts: ["*"] }] } },
      [["gateway.usedServers[0]", "speaks TCP, and service.protocol is http"]],
    ],
    [
      "HTTP by a shared gateway that has servers of TCP for others",
      {
        gateway: {
          use: "a/b",
          usedServers: [
            { ...TCP, hosts: ["a.com"] },
            { ...TCP, port: 9001, hosts: ["*"] },
            { ...HTTP, hosts: ["*.example.com"] },
          ],
        },
      },
      [],
    ],
    ["a gateway that is not known yet", { gateway: UNKNOWN }, []],
    ["servers that are not known yet", { gateway: { servers: UNKNOWN } }, []],
    ["a server that is not known yet", { gateway: { servers: [UNKNOWN] } }, []],
    ["a wrong gateway", { gateway: { servers: [] } }, [["gateway.servers", "is []"]]],
    ["a server of its host", { gateway: { servers: [{ ...HTTP, hosts: ["*.example.com"] }] } }, []],
    [
      "a host that no server answers for",
      { hosts: ["shop.example.com", "other.com"], gateway: { servers: [{ ...HTTP, hosts: ["prod/*.example.com"] }] } },
      [["hosts[1]", 'is "other.com", which no server of the gateway answers for', "gateway.servers"]],
    ],
    [
      "every host at a server of one",
      { hosts: ["*"], gateway: { servers: [{ ...HTTP, hosts: ["a.com"] }] } },
      [["hosts[0]", 'is "*", which no server']],
    ],
    ["TCP by a server of TCP", { spoken: spoken("tcp"), gateway: { servers: [TCP, TERMINATED] } }, []],
    ["TCP from inside alone", { spoken: spoken("tcp"), hosts: [] }, []],
    [
      "TCP by the default gateway",
      { spoken: spoken("tcp") },
      [["gateway", "is missing, and service.protocol is tcp", 'protocol: "TCP"']],
    ],
    [
      "TCP by a server of HTTP",
      { spoken: spoken("tcp"), gateway: { servers: [TCP, HTTP] } },
      [["gateway.servers[1]", "speaks HTTP, and service.protocol is tcp", "servers of TCP"]],
    ],
    [
      "TCP with routes",
      { spoken: spoken("tcp"), hosts: [], hasRoutes: true },
      [["routes", "is set, and service.protocol is tcp", "weights alone"]],
    ],
    [
      "HTTP by a server of TCP",
      { gateway: { servers: [TCP] } },
      [["gateway.servers[0]", "speaks TCP, and service.protocol is http"]],
    ],
    [
      "HTTP that is passed through",
      { gateway: { servers: [PASSED] } },
      [["gateway.servers[0]", "speaks HTTPS that is passed through", "the gateway decrypts"]],
    ],
    [
      "gRPC by a server of HTTPS",
      { spoken: spoken("grpc"), gateway: { servers: [{ port: 443, tls: { credentialName: "a" } }] } },
      [],
    ],
    ["TLS that is passed through", { spoken: spoken("tls"), gateway: { servers: [PASSED] } }, []],
    [
      "TLS that the gateway decrypts",
      { spoken: spoken("tls"), gateway: { servers: [TERMINATED] } },
      [["gateway.servers[0]", "speaks TLS, and service.protocol is tls", "PASSTHROUGH"]],
    ],
    [
      "TLS of every host",
      { spoken: spoken("tls"), hosts: ["*"], gateway: { servers: [PASSED] } },
      [["hosts", 'has "*", and service.protocol is tls', "server name"]],
    ],
    ["HTTP and TCP by the default gateway, which lets HTTP in", { spoken: spoken("http", "tcp") }, []],
    ["HTTP and TCP with routes", { spoken: spoken("tcp", "grpc"), hasRoutes: true }, []],
    ["HTTP and TCP by servers of both", { spoken: spoken("http", "tcp"), gateway: { servers: [HTTP, TCP] } }, []],
    [
      "TCP and TLS by the default gateway",
      { spoken: spoken("tcp", "tls") },
      [["gateway", "is missing, and service.ports speak tcp and tls", 'protocol: "TCP"']],
    ],
    [
      "TCP and TLS with routes",
      { spoken: spoken("tcp", "tls"), hosts: [], hasRoutes: true },
      [["routes", "is set, and service.ports speak tcp and tls"]],
    ],
    [
      "HTTP and TLS of every host",
      { spoken: spoken("http", "tls"), hosts: ["*"] },
      [["hosts", 'has "*", and service.ports speak http and tls', "name the hosts"]],
    ],
    [
      "HTTP and gRPC by a server of TCP",
      { spoken: spoken("http", "grpc"), gateway: { servers: [HTTP, TCP] } },
      [["gateway.servers[1]", "speaks TCP, and service.ports speak http and grpc", "servers of HTTP"]],
    ],
    [
      "TLS by the default gateway",
      { spoken: spoken("tls") },
      [["gateway", "is missing, and service.protocol is tls", "PASSTHROUGH"]],
    ],
  ];
  for (const [name, args, problems] of cases) {
    it(`${problems.length > 0 ? "refused: " : ""}${name}`, () => {
      assertProblems(
        problemsOf((findings) => checkReach({ ...BASE, ...args } as ReachingArgs, findings)),
        problems,
      );
    });
  }

  const inside: [hosts: string[], internal: boolean | undefined, routed: boolean][] = [
    [["*"], undefined, false],
    [["a.com"], undefined, true],
    [["a.com"], false, false],
    [[], undefined, true],
  ];
  for (const [hosts, internal, routed] of inside) {
    it(`${routed ? "" : "not "}from inside with hosts ${JSON.stringify(hosts)} and internal ${internal}`, () =>
      assert.equal(routedInside({ hosts, internal }), routed));
  }
});
