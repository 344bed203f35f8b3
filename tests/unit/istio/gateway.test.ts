import assert from "node:assert/strict";
import * as fc from "fast-check";
import { ServerProtocol, ServerTlsMode } from "../../../components";
import { entryUrl } from "../../../src/istio/entryUrl";
import { PLAIN_HTTP, checkGateway, checkServers, gateway } from "../../../src/istio/gateway";
import { serverName } from "../../../src/istio/gatewayServer";
import { UNKNOWN } from "../../../src/validation/unknown";
import { anything, roughly } from "../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../problems";

const HOSTS = ["shop.example.com"];
const tls = { credentialName: "shop" };
const HTTPS = { port: 443, tls };
const check = (servers: unknown, appHosts = HOSTS) =>
  problemsOf((findings) => checkServers(servers, appHosts, findings), "servers");

describe("the servers of a gateway", () => {
  const sound: [name: string, servers: unknown][] = [
    ["plain HTTP", PLAIN_HTTP],
    ["HTTPS", [HTTPS]],
    ["HTTPS, and HTTP that is sent on to it", [{ port: 80, httpsRedirect: true }, HTTPS]],
    [
      "HTTP sent on, for a host that a wildcard of HTTPS takes in",
      [
        { port: 80, httpsRedirect: true },
        { ...HTTPS, hosts: ["*.example.com"] },
      ],
    ],
    ["HTTP sent on to HTTPS that is not known yet", [{ port: 80, httpsRedirect: true }, UNKNOWN]],
    [
      "HTTP sent on to what may become HTTPS",
      [
        { port: 80, httpsRedirect: true },
        { port: 443, tls: UNKNOWN },
      ],
    ],
    [
      "two hosts with a certificate each",
      [
        { ...HTTPS, hosts: ["a.com"] },
        { ...HTTPS, name: "https-b", hosts: ["b.com"] },
      ],
    ],
    ["hosts for one namespace", [{ port: 80, hosts: ["prod/*.example.com", "./a.com", "*/b.com", "*"] }]],
    [
      "TCP on two ports",
      [
        { port: 9000, protocol: "TCP" },
        { port: 9001, protocol: "TCP" },
      ],
    ],
    ["TLS that is passed through", [{ port: 443, protocol: "TLS", tls: { mode: "PASSTHROUGH" } }]],
    [
      "fields that are not known yet",
      [
        { port: UNKNOWN, protocol: UNKNOWN, hosts: UNKNOWN },
        { port: UNKNOWN, hosts: [UNKNOWN] },
      ],
    ],
    ["not known yet", UNKNOWN],
  ];
  for (const [name, servers] of sound) {
    it(`may be ${name}`, () => assertProblems(check(servers), []));
  }

  const wrong: [name: string, servers: unknown, problems: Expected[], appHosts?: string[]][] = [
    ["none", [], [["servers", "is []", "at least 1"]]],
    ["one that is no list", HTTPS, [["servers", "a list of servers"]]],
    ["without a port", [{ tls }], [["servers[0].port", "is missing", "1 to 65535"]]],
    [
      "of an unknown protocol",
      [{ port: 80, protocol: "http" }],
      [["servers[0].protocol", 'is "http"', "one of HTTP, HTTP2"]],
    ],
    [
      "of a wrong host",
      [{ port: 80, hosts: ["a.com", "a/b/c"] }],
      [["servers[0].hosts[1]", 'is "a/b/c"', "a host name"]],
    ],
    ["of a host in no namespace", [{ port: 80, hosts: ["No/a.com"] }], [["servers[0].hosts[0]", 'is "No/a.com"']]],
    ["without hosts", [{ port: 80, hosts: [] }], [["servers[0].hosts", "is []", "at least 1"]]],
    ["without hosts where there is no app", [{ port: 80 }], [["servers[0].hosts", "is missing"]], []],
    ["of a wrong name", [{ port: 80, name: "Web" }], [["servers[0].name", 'is "Web"']]],
    ["HTTPS without tls", [{ port: 443, protocol: "HTTPS" }], [["servers[0].tls", "is missing", "HTTPS needs it"]]],
    [
      "HTTP with tls",
      [{ port: 80, protocol: "HTTP", tls }],
      [["servers[0].tls", "is set, and protocol is HTTP", "only HTTPS and TLS"]],
    ],
    ["TCP with tls", [{ port: 9000, protocol: "TCP", tls }], [["servers[0].tls", "is set, and protocol is TCP"]]],
    ["with tls that is wrong", [{ port: 443, tls: {} }], [["servers[0].tls.credentialName", "is missing"]]],
    [
      "HTTPS that is sent on",
      [{ ...HTTPS, httpsRedirect: true }],
      [["servers[0].httpsRedirect", "is set, and protocol is HTTPS"]],
    ],
    [
      "HTTP sent on to nothing",
      [{ port: 80, httpsRedirect: true }],
      [["servers[0].httpsRedirect", 'is set, but no HTTPS server answers for "shop.example.com"', "add a server"]],
    ],
    [
      "HTTP sent on to HTTPS of another host",
      [
        { port: 80, httpsRedirect: true },
        { ...HTTPS, hosts: ["other.com"] },
      ],
      [["servers[0].httpsRedirect", "shop.example.com"]],
    ],
    [
      "two of one name",
      [
        { ...HTTPS, hosts: ["a.com"] },
        { ...HTTPS, hosts: ["b.com"] },
      ],
      [["servers[1].name", 'is "https", the name of servers[0] too', "a name of its own"]],
    ],
    [
      "two protocols on one port",
      [{ port: 443 }, HTTPS],
      [["servers[1].protocol", "is HTTPS, and that of servers[0] HTTP", "speak the same"]],
    ],
    [
      "a host twice on one port",
      [{ port: 80 }, { port: 80, name: "b" }],
      [["servers[1].hosts", 'has "shop.example.com", which servers[0] has on port 80 too']],
    ],
    [
      "TCP twice on one port",
      [
        { port: 9000, protocol: "TCP" },
        { port: 9000, protocol: "TCP", name: "b" },
      ],
      [["servers[1].port", "is 9000, the port of servers[0] too"]],
    ],
  ];
  for (const [name, servers, problems, appHosts] of wrong) {
    it(`may not be ${name}`, () => assertProblems(check(servers, appHosts), problems));
  }

  it("have names of their protocols, and of their ports unless those are the usual ones", () => {
    const names = [
      { port: 80 },
      HTTPS,
      { port: 8080 },
      { port: 8443, tls },
      { port: 9000, protocol: ServerProtocol.Tcp },
      { port: 80, name: "web" },
    ].map(serverName);
    assert.deepEqual(names, ["http", "https", "http-8080", "https-8443", "tcp-9000", "web"]);
  });

  it("whatever is given, are looked at without an error", () => {
    const server = roughly({
      port: fc.constantFrom(80, 443),
      protocol: fc.constantFrom(...Object.values(ServerProtocol)),
      name: fc.string(),
      hosts: fc.array(fc.string()),
      tls: fc.constant(tls),
      httpsRedirect: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.oneof(fc.array(fc.oneof(server, fc.constant(HTTPS))), anything()),
        (servers) => void check(servers),
      ),
    );
  });
});

describe("a gateway", () => {
  const gatewayOf = (given: unknown) => problemsOf((findings) => checkGateway(HOSTS)(given, findings), "gateway");
  const cases: [name: string, given: unknown, problems: Expected[]][] = [
    ["may be servers", { servers: [HTTPS] }, []],
    ["may be one that is there", { use: "istio-ingress/shared" }, []],
    ["may be one that is not known yet", { use: UNKNOWN }, []],
    ["may not be both", { use: "a/b", servers: [HTTPS] }, [["gateway", "has servers and use", "exactly one"]]],
    [
      "may be one that is there, with what it answers on",
      { use: "a/b", usedServers: [{ ...HTTPS, hosts: ["*"] }] },
      [],
    ],
    [
      "may not be what one answers on that is not named",
      { usedServers: [{ ...HTTPS, hosts: ["*"] }], servers: [HTTPS] },
      [["gateway.usedServers", "is set without use"]],
    ],
    [
      "may not be one that answers for no hosts",
      { use: "a/b", usedServers: [HTTPS] },
      [["gateway.usedServers[0].hosts", "is missing"]],
    ],
    ["may not be nothing", {}, [["gateway", "has none of servers, use"]]],
    [
      "may not be a name longer than Istio takes",
      { use: `a/${"b".repeat(64)}` },
      [["gateway.use", "is", "at most 63 characters each"]],
    ],
    [
      "may not be of a namespace longer than Kubernetes takes",
      { use: `${"a".repeat(64)}/b` },
      [["gateway.use", "is", "at most 63 characters each"]],
    ],
    ["may not be a name without its namespace", { use: "shared" }, [["gateway.use", 'is "shared"', "namespace/name"]]],
    ["may not be a text", "a/b", [["gateway", 'is "a/b"']]],
  ];
  for (const [name, given, problems] of cases) {
    it(name, () => assertProblems(gatewayOf(given), problems));
  }

  it("that names no servers answers plain HTTP on port 80 for the app's hosts", () => {
    assert.deepEqual(gateway(PLAIN_HTTP, ["shop.example.com", "*.example.org"], { istio: "ingressgateway" }), {
      selector: { istio: "ingressgateway" },
      servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["shop.example.com", "*.example.org"] }],
    });
  });

  it("has its servers as they are given", () => {
    const servers = [
      { port: 80, httpsRedirect: true },
      { port: 443, tls, hosts: ["*"], extra: { bind: "10.0.0.1" } },
    ];
    assert.deepEqual(gateway(servers, HOSTS, { app: "edge" }), {
      selector: { app: "edge" },
      servers: [
        { port: { number: 80, name: "http", protocol: "HTTP" }, hosts: HOSTS, tls: { httpsRedirect: true } },
        {
          port: { number: 443, name: "https", protocol: "HTTPS" },
          hosts: ["*"],
          tls: { mode: "SIMPLE", credentialName: "shop" },
          bind: "10.0.0.1",
        },
      ],
    });
  });

  const urls: [servers: Parameters<typeof entryUrl>[0], address: string, url: string][] = [
    [PLAIN_HTTP, "203.0.113.7", "http://203.0.113.7"],
    [PLAIN_HTTP, "203.0.113.7:30080", "http://203.0.113.7:30080"],
    [[{ port: 80, httpsRedirect: true }, HTTPS], "edge.example.com", "https://edge.example.com"],
    [[{ port: 8443, tls }], "edge.example.com", "https://edge.example.com:8443"],
    [[{ port: 9000, protocol: ServerProtocol.Tcp }], "203.0.113.7", "tcp://203.0.113.7:9000"],
    [
      [{ port: 443, protocol: ServerProtocol.Tls, tls: { mode: ServerTlsMode.Passthrough } }],
      "203.0.113.7",
      "tls://203.0.113.7:443",
    ],
  ];
  for (const [servers, address, url] of urls) {
    it(`is called at ${url}`, () => assert.equal(entryUrl(servers, address), url));
  }
});
