import assert from "node:assert/strict";
import { entryUrl } from "../../../src/istio/entryUrl";
import { ServiceProtocol } from "../../../src/istio/protocol";
import { type PortsReached, portServedBy, serversOfFirst, unroutedPorts } from "../../../src/istio/servedPorts";
import { UNKNOWN } from "../../../src/validation/unknown";

type Server = Parameters<typeof portServedBy>[0];

const WEB = { name: "web", port: 80, protocol: ServiceProtocol.Http };
const CALLS = { name: "calls", port: 9090, protocol: ServiceProtocol.Grpc };
const RAW = { name: "raw", port: 5000, protocol: ServiceProtocol.Tcp };
const ALL = [WEB, CALLS, RAW];
const HTTP: Server = { port: 80 };
const HTTPS: Server = { port: 443, tls: { credentialName: "shop" } };
const GRPC: Server = { port: 9090, protocol: "GRPC" };
const TCP: Server = { port: 5000, protocol: "TCP" };

describe("the port that a gateway's server leads to", () => {
  const cases: [name: string, server: unknown, port: string | undefined][] = [
    ["that of its number", GRPC, "calls"],
    ["the first that takes what its clients speak, for a number of its own", HTTPS, "web"],
    ["the first of TCP, for a number of its own", { ...TCP, port: 6000 }, "raw"],
    ["none of another kind, though it has its number", { ...TCP, port: 80 }, "raw"],
    ["none for clients that nothing takes", { port: 443, tls: { mode: "PASSTHROUGH" } }, undefined],
    ["not known yet", UNKNOWN, undefined],
  ];
  for (const [name, server, port] of cases) {
    it(`is ${name}`, () => assert.equal(portServedBy(server as Server, ALL)?.name, port));
  }

  it("decides where an app is called: at the first port", () => {
    const urlOf = (servers: Server[]) => entryUrl(serversOfFirst(servers, ALL), "203.0.113.7");
    assert.equal(urlOf([GRPC, HTTPS]), "https://203.0.113.7");
    assert.equal(urlOf([TCP, GRPC, HTTP]), "http://203.0.113.7");
    assert.equal(urlOf([TCP, GRPC]), "tcp://203.0.113.7:5000");
  });
});

describe("a port whose requests are not routed", () => {
  const BASE: PortsReached = { ports: ALL, hosts: ["*"], internal: false, servers: [HTTP], routes: [{}] };
  const cases: [name: string, reached: Partial<PortsReached>, paths: string[]][] = [
    ["is one that no server leads to, where the mesh is not routed", {}, ["service.ports[1]", "service.ports[2]"]],
    ["is none where the mesh is routed", { hosts: ["a.com"], internal: true }, []],
    ["is none where each has a server", { servers: [HTTP, GRPC, TCP] }, []],
    ["is none that a route names", { routes: [{ port: "calls" }, {}], servers: [HTTP, TCP] }, []],
    ["is none where the servers are not known", { servers: undefined }, []],
    ["is none where a server is not known yet", { servers: [UNKNOWN as unknown as Server] }, []],
    ["is none of an app with one", { ports: [RAW] }, []],
  ];
  for (const [name, reached, paths] of cases) {
    it(name, () => {
      const warnings = unroutedPorts({ ...BASE, ...reached });
      assert.deepEqual(
        warnings.map(({ path }) => path),
        paths,
      );
    });
  }

  it("is told with what to do", () => {
    const [{ what }] = unroutedPorts(BASE);
    assert.match(what, /^\(calls\) is called through no server of the gateway, .* because hosts has "\*": .* whatever/);
    assert.match(what, /Name the hosts, or give the gateway a server with port 9090$/);
    assert.doesNotMatch(unroutedPorts({ ...BASE, hosts: ["a.com"] })[0].what, /because/);
  });
});
