import assert from "node:assert/strict";
import { renderExample, sharesOf } from "./support";

describe("example traffic-policies", () => {
  it("shares the named host 80 to 20 in one route, with /v2 rewritten before it", async () => {
    const { hosts, http } = (await renderExample("traffic-policies")).spec("VirtualService", "hello-world");
    assert.equal(hosts[0], "hello.example.com");
    assert.deepEqual(
      http.map(({ route }: any) => sharesOf(route)),
      [
        { v1: 80, v2: 20 },
        { v1: 80, v2: 20 },
      ],
    );
    assert.deepEqual(
      [http[0].match, http[0].rewrite],
      [[{ uri: { prefix: "/v2/" } }, { uri: { exact: "/v2" } }], { uri: "/" }],
    );
  });

  it("has a policy for the service and others for each version", async () => {
    const { spec } = await renderExample("traffic-policies");
    const { loadBalancer, connectionPool, outlierDetection } = spec("DestinationRule", "hello-world").trafficPolicy;
    assert.equal(loadBalancer.simple, "LEAST_REQUEST");
    assert.ok(
      connectionPool.tcp.maxConnections > 0 &&
        connectionPool.http.http2MaxRequests > 0 &&
        outlierDetection.consecutive5xxErrors > 0,
    );
    const [v1, v2] = ["v1", "v2"].map(
      (version) => spec("DestinationRule", `hello-world-${version}`).subsets[0].trafficPolicy,
    );
    assert.deepEqual(
      [v1.loadBalancer, v2.loadBalancer],
      [{ simple: "RANDOM" }, { consistentHash: { httpHeaderName: "x-user" } }],
    );
    // One of v1's two pods may be ejected, and of v2's three as many as the service's policy says.
    assert.deepEqual(
      [v1.outlierDetection, v2.outlierDetection],
      [{ consecutive5xxErrors: 3, maxEjectionPercent: 50 }, undefined],
    );
    assert.deepEqual([v1.connectionPool, v2.connectionPool], [undefined, undefined]);
  });

  const hashes = [
    { httpHeaderName: "x-user" },
    { useSourceIp: true },
    { httpQueryParameterName: "user" },
    { httpCookie: { name: "user", ttl: "60s" } },
  ];
  for (const hash of hashes) {
    it(`keeps together what has in common: ${JSON.stringify(hash)}`, async () => {
      const { spec } = await renderExample("traffic-policies", { hash });
      assert.deepEqual(spec("DestinationRule", "hello-world-v2").subsets[0].trafficPolicy.loadBalancer, {
        consistentHash: hash,
      });
    });
  }
});
