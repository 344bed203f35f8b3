import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { checkSource, makeSource } from "../../../../src/rollout/metrics/settings";
import { type Expected, assertProblems, problemsOf } from "../../problems";

const check = (settings: unknown) => problemsOf((findings) => checkSource(settings, findings), "source");

describe("where metrics come from", () => {
  const sound: [name: string, settings: unknown][] = [
    ["not said", {}],
    [
      "a Prometheus",
      {
        prometheus: {
          url: "https://prometheus.example.com/api",
          token: { secret: "t" },
          headers: { "X-Scope-OrgID": "a" },
          timeoutSeconds: 30,
        },
      },
    ],
    [
      "Envoys in other places",
      {
        envoy: {
          gateways: [{ namespace: "edge", selector: { app: "gateway" } }, { namespace: "more" }],
          callers: ["shop", "admin"],
          intervalSeconds: 2,
        },
        domain: "example.internal",
      },
    ],
    ["one port of the app", { port: 9090 }],
  ];
  for (const [name, settings] of sound) {
    it(`may be ${name}`, () => assertProblems(check(settings), []));
  }

  const wrong: [name: string, settings: unknown, problems: Expected[]][] = [
    ["a text", "http://prometheus", [["source", "prometheus, envoy, domain"]]],
    ["a Prometheus nowhere", { prometheus: {} }, [["source.prometheus.url", "is missing", "without /api/v1"]]],
    [
      "a Prometheus by another protocol",
      { prometheus: { url: "grpc://a" } },
      [["source.prometheus.url", "http:// or https://"]],
    ],
    [
      "a token that is a number",
      { prometheus: { url: "http://a", token: 5 } },
      [["source.prometheus.token", "{ secret: NAME }"]],
    ],
    [
      "a secret without a name",
      { prometheus: { url: "http://a", token: { secret: "" } } },
      [["source.prometheus.token.secret", "a key of the stack's config"]],
    ],
    [
      "a gateway without a namespace",
      { envoy: { gateways: [{}] } },
      [["source.envoy.gateways[0].namespace", "is missing"]],
    ],
    ["a caller that is no namespace", { envoy: { callers: ["Shop"] } }, [["source.envoy.callers[0]", "a DNS label"]]],
    ["a port by its name", { port: "grpc" }, [["source.port", 'is "grpc"', "a port from 1 to 65535"]]],
    ["too often", { envoy: { intervalSeconds: 0.1 } }, [["source.envoy.intervalSeconds", "from 0.5 to 300"]]],
  ];
  for (const [name, settings, problems] of wrong) {
    it(`may not be ${name}`, () => assertProblems(check(settings), problems));
  }

  it("is Envoy's counters unless a Prometheus is named; neither is asked before its start", () => {
    const subject = { app: "shop", namespace: "ns", versions: ["v1", "v2"] };
    assert.equal(makeSource({}, subject).description, "Envoy's counters");
    assert.equal(
      makeSource({ prometheus: { url: "http://prometheus.example.com:9090/" } }, subject).description,
      "Prometheus at http://prometheus.example.com:9090",
    );
  });

  const domains: [name: string, named: string | undefined, own: string | undefined, expected: string][] = [
    ["the one that is named", "named.local", "own.local", "named.local"],
    ["the app's where none is named", undefined, "own.local", "own.local"],
    ["cluster.local where nobody knows", undefined, undefined, "cluster.local"],
  ];
  for (const [name, domain, own, expected] of domains) {
    it(`asks for Services of a domain: ${name}`, async () => {
      const asked: string[] = [];
      const server = createServer((incoming, outgoing) => {
        let body = "";
        incoming.on("data", (part) => (body += part));
        incoming.on("end", () => {
          asked.push(decodeURIComponent(`${incoming.url}${body}`));
          outgoing.setHeader("content-type", "application/json");
          outgoing.end('{"status":"success","data":{"resultType":"vector","result":[]}}');
        });
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      try {
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        const subject = { app: "shop", namespace: "ns", versions: ["v1", "v2"], domain: own };
        const source = makeSource({ prometheus: { url }, domain }, subject);
        await source.traffic({ from: 0, to: 60_000 }, AbortSignal.timeout(10_000)).catch(() => undefined);
        source.stop();
      } finally {
        server.close();
      }
      const hosts = asked.flatMap((query) => query.replaceAll("\\", "").match(/shop\.ns\.svc\.[a-z.]+/g) ?? []);
      assert.deepEqual([...new Set(hosts)], [`shop.ns.svc.${expected}`]);
    });
  }
});
