import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Plain } from "../../../src/istio/plain";
import { type PolicyUse, policyWarnings } from "../../../src/istio/policyWarnings";
import { ServiceProtocol } from "../../../src/istio/protocol";
import type { TrafficPolicyArgs } from "../../../src/istio/trafficPolicy";
import { anything } from "../arbitraries";
import { SOUND_POLICIES } from "./policy/soundPolicies";

type Policy = Plain<TrafficPolicyArgs>;

/** Ports of HTTP with these numbers. */
function portsOf(...numbers: number[]): PolicyUse["ports"] {
  return numbers.map((port) => ({ name: `p${port}`, port, protocol: ServiceProtocol.Http }));
}

const WEB_AND_RAW: PolicyUse["ports"] = [...portsOf(80), { name: "raw", port: 9000, protocol: ServiceProtocol.Tcp }];

/** An app of two versions at 75/25 with port 80, unless it is said otherwise. */
function use(
  trafficPolicy: Policy | undefined,
  own: Policy | undefined,
  { pods: [v1, v2] = [], ...more }: Partial<PolicyUse> & { pods?: number[] } = {},
): PolicyUse {
  return {
    trafficPolicy,
    versions: [
      { name: "v1", pods: v1 },
      { name: "v2", trafficPolicy: own, pods: v2 },
    ],
    weights: { v1: 75, v2: 25 },
    ports: portsOf(80),
    ...more,
  };
}

describe("the warnings about traffic policies", () => {
  const hash: Policy = { consistentHash: { useSourceIp: true } };
  const failover: Policy = { localityLbSetting: { failoverPriority: ["team"] } };
  const gateway = (consecutiveGatewayErrors: number, consecutive5xxErrors?: number): Policy => ({
    outlierDetection: { consecutiveGatewayErrors, consecutive5xxErrors },
  });
  const pool: Policy = { connectionPool: { tcp: { maxConnections: 5 } } };
  const all = { weights: { v1: 100, v2: 0 } };
  /** How many pods the two versions have; for {@link use}, which keeps the second one's policy. */
  const pods = (v1: number, v2: number) => ({ pods: [v1, v2] });

  const cases: [name: string, asked: PolicyUse, expected: [path: string, piece: string][]][] = [
    ["no policies", use(undefined, undefined), []],
    ["plain policies", use({ loadBalancer: "RANDOM" }, { loadBalancer: "ROUND_ROBIN" }), []],
    [
      "LEAST_CONN of both",
      use({ loadBalancer: "LEAST_CONN" }, { loadBalancer: "LEAST_CONN" }),
      [
        ["trafficPolicy.loadBalancer", "LEAST_REQUEST"],
        ["versions[1].trafficPolicy.loadBalancer", "deprecated"],
      ],
    ],
    [
      "LEAST_CONN for a port",
      use({ portLevelSettings: [{ port: 80, loadBalancer: "LEAST_CONN" }] }, undefined),
      [["trafficPolicy.portLevelSettings[0].loadBalancer", "deprecated"]],
    ],
    [
      "a port that the Service lacks",
      use(undefined, { portLevelSettings: [{ port: 8080, outlierDetection: {} }] }),
      [["versions[1].trafficPolicy.portLevelSettings[0].port", "is 8080, but the Service's only port is 80"]],
    ],
    [
      "a port that is none of the Service's",
      use({ portLevelSettings: [{ port: 81, outlierDetection: {} }] }, undefined, { ports: portsOf(80, 8080) }),
      [["trafficPolicy.portLevelSettings[0].port", "is 81, but the Service's ports are 80 and 8080"]],
    ],
    [
      "a port that the Service has",
      use({ portLevelSettings: [{ port: 8080, outlierDetection: {} }] }, undefined, { ports: portsOf(80, 8080) }),
      [],
    ],
    ["the service's hash where versions share", use(hash, undefined), [["trafficPolicy.consistentHash", "drawn anew"]]],
    [
      "a version's hash where versions share",
      use(undefined, hash),
      [["versions[1].trafficPolicy.consistentHash", "drawn anew"]],
    ],
    [
      "both",
      use(hash, hash),
      [
        ["trafficPolicy.consistentHash", ""],
        ["versions[1].trafficPolicy.consistentHash", ""],
      ],
    ],
    ["the service's hash with one version of all requests", use(hash, undefined, all), []],
    ["a hash where a cookie keeps users with their version", use(hash, hash, { sticky: {} }), []],
    [
      "a hash where stickiness is off",
      use(hash, undefined, { sticky: { enabled: false } }),
      [["trafficPolicy.consistentHash", "drawn anew"]],
    ],
    [
      "a hash where stickiness ends",
      use(hash, undefined, { sticky: { ending: true } }),
      [["trafficPolicy.consistentHash", "drawn anew"]],
    ],
    ["a version's hash without a share", use(undefined, hash, all), []],
    [
      "the service's hash, which no version with a share has",
      use(hash, undefined, {
        versions: [
          { name: "v1", trafficPolicy: { loadBalancer: "RANDOM" } },
          { name: "v2", trafficPolicy: { warmup: { duration: "1s" } } },
        ],
      }),
      [],
    ],
    [
      "the service's hash beside a version's pool",
      use(
        hash,
        { connectionPool: { tcp: { maxConnections: 5 } } },
        { versions: [{ name: "v2", trafficPolicy: { tls: { mode: "ISTIO_MUTUAL" } } }] },
      ),
      [["trafficPolicy.consistentHash", ""]],
    ],
    [
      "failing over without outlier detection",
      use(failover, failover),
      [
        ["trafficPolicy.localityLbSetting", "outlierDetection"],
        ["versions[1].trafficPolicy.localityLbSetting", "outlierDetection"],
      ],
    ],
    [
      "failing over with the service's outlier detection, which ejects one pod",
      use({ outlierDetection: {} }, failover),
      [["versions[1].trafficPolicy.localityLbSetting", "the largest share of its pods that one locality has"]],
    ],
    ["failing over with a share of one's own", use({ outlierDetection: { maxEjectionPercent: 50 } }, failover), []],
    [
      "places that do not count",
      use({ localityLbSetting: { enabled: false, failoverPriority: ["team"] } }, undefined),
      [["trafficPolicy.localityLbSetting.enabled", "is false, so the locality of pods does not matter"]],
    ],
    ["an ejection of one of few pods", use({ outlierDetection: {} }, undefined, pods(2, 9)), []],
    [
      "an ejection of a lone pod",
      use({ outlierDetection: {} }, undefined, pods(1, 3)),
      [["trafficPolicy.outlierDetection", "ejects no pod of v1, which has only one"]],
    ],
    [
      "a version's ejection of a lone pod",
      use({ outlierDetection: {} }, { outlierDetection: { consecutive5xxErrors: 3 } }, pods(3, 1)),
      [["versions[1].trafficPolicy.outlierDetection", "ejects no pod of v2, which has only one"]],
    ],
    [
      "a lone pod that is ejected on purpose",
      use({ outlierDetection: { maxEjectionPercent: 100 } }, undefined, pods(1, 1)),
      [],
    ],
    [
      "an ejection that is turned off",
      use({ outlierDetection: { consecutive5xxErrors: 0 } }, undefined, pods(1, 1)),
      [],
    ],
    [
      "an ejection where there are no pods",
      use({ outlierDetection: { maxEjectionPercent: 1 } }, undefined, pods(0, 0)),
      [],
    ],
    [
      "shares that eject nobody",
      use({ outlierDetection: { maxEjectionPercent: 33 } }, undefined, pods(3, 4)),
      [
        [
          "trafficPolicy.outlierDetection.maxEjectionPercent",
          "is 33, which ejects no pod of v1: one of its 3 pods is 34 %",
        ],
      ],
    ],
    [
      "a share that ejects nobody of many",
      use(undefined, { outlierDetection: { maxEjectionPercent: 5 } }, pods(1, 12)),
      [["versions[1].trafficPolicy.outlierDetection.maxEjectionPercent", "one of its 12 pods is 9 %"]],
    ],
    [
      "a share that ejects no lone pod",
      use({ outlierDetection: { maxEjectionPercent: 99 } }, undefined, pods(1, 2)),
      [["trafficPolicy.outlierDetection.maxEjectionPercent", "ejects no pod of v1: its only pod is 100 %"]],
    ],
    [
      "a share for the port that ejects nobody",
      use(undefined, { portLevelSettings: [{ port: 80, outlierDetection: { maxEjectionPercent: 49 } }] }, pods(2, 2)),
      [["versions[1].trafficPolicy.portLevelSettings[0].outlierDetection.maxEjectionPercent", "is 49"]],
    ],
    [
      "hashes by different things, of which one has no weight yet",
      use(undefined, undefined, {
        ...all,
        versions: [
          { name: "v1", trafficPolicy: { consistentHash: { httpHeaderName: "a" } } },
          { name: "v2", trafficPolicy: { consistentHash: { httpHeaderName: "b" } } },
        ],
      }),
      [["versions[1].trafficPolicy", "hashes by the header b, and versions[0] by the header a"]],
    ],
    [
      "hashes by different things on routes of their own",
      use(undefined, undefined, {
        ...all,
        routes: [{ version: "v1" }],
        versions: [
          { name: "v1", trafficPolicy: { consistentHash: { httpHeaderName: "a" } } },
          { name: "v2", trafficPolicy: { consistentHash: { httpHeaderName: "b" } } },
        ],
      }),
      [],
    ],
    [
      "what counts for requests in an app of connections",
      use(
        { connectionPool: { http: { maxRetries: 1 } }, retryBudget: { percent: 5 } },
        { consistentHash: { httpHeaderName: "a" } },
        { ...all, ports: portsOf(80).map((port) => ({ ...port, protocol: ServiceProtocol.Tcp })) },
      ),
      [
        ["trafficPolicy.connectionPool.http", "service.protocol is tcp"],
        ["trafficPolicy.retryBudget", ""],
        ["versions[1].trafficPolicy.consistentHash", ""],
      ],
    ],
    [
      "what counts for requests where one of several ports has them",
      use({ connectionPool: { http: { maxRetries: 1 } } }, undefined, { ports: WEB_AND_RAW, listed: true }),
      [],
    ],
    [
      "what counts for requests in the settings for a port of connections",
      use(
        {
          portLevelSettings: [
            { port: 80, connectionPool: { http: { maxRetries: 1 } } },
            { port: 9000, connectionPool: { http: { maxRetries: 1 } } },
          ],
        },
        undefined,
        { ports: WEB_AND_RAW, listed: true },
      ),
      [["trafficPolicy.portLevelSettings[1].connectionPool.http", "the port's protocol is tcp"]],
    ],
    [
      "different hashes on one of several ports",
      use(
        { consistentHash: { httpHeaderName: "a" } },
        {
          portLevelSettings: [{ port: 8080, consistentHash: { httpHeaderName: "b" } }],
        } as Policy,
        { ports: portsOf(80, 8080), ...all },
      ),
      [["versions[1].trafficPolicy", "hashes by the header b, and versions[0] by the header a"]],
    ],
    [
      "too small a share in the settings for one of several ports",
      use({ portLevelSettings: [{ port: 8080, outlierDetection: { maxEjectionPercent: 20 } }] }, undefined, {
        ports: portsOf(80, 8080),
        ...pods(2, 5),
      }),
      [["trafficPolicy.portLevelSettings[0].outlierDetection.maxEjectionPercent", "ejects no pod of v1"]],
    ],
    [
      "what counts for connections, too",
      use({ connectionPool: { tcp: { maxConnections: 1 } }, consistentHash: { useSourceIp: true } }, undefined, {
        ...all,
        ports: portsOf(80).map((port) => ({ ...port, protocol: ServiceProtocol.Tls })),
      }),
      [],
    ],
    [
      "failing over by port, which inherits none",
      use({ outlierDetection: {}, portLevelSettings: [{ port: 80, ...failover }] } as Policy, undefined),
      [["trafficPolicy.portLevelSettings[0].localityLbSetting", ""]],
    ],
    [
      "weights by locality without outlier detection",
      use({ localityLbSetting: { distribute: [{ from: "*", to: { us: 100 } }] } }, undefined),
      [],
    ],
    [
      "gateway errors that never count",
      use(gateway(5), gateway(7, 7)),
      [
        ["trafficPolicy.outlierDetection.consecutiveGatewayErrors", "is 5, but 5"],
        ["versions[1].trafficPolicy.outlierDetection.consecutiveGatewayErrors", "is 7, but 7"],
      ],
    ],
    ["gateway errors that count", use(gateway(4), gateway(9, 0)), []],
    [
      "a pool of both",
      use(pool, pool),
      [["versions[1].trafficPolicy.connectionPool", "the proxies beside the pods go by the service's"]],
    ],
    ["a pool of one", use(undefined, pool), []],
    ["a policy that is refused", use({ loadBalancer: "LEAST_CONN", warmup: {} } as Policy, "x" as Policy), []],
  ];
  for (const [name, asked, expected] of cases) {
    it(`are right for ${name}`, () => {
      const warnings = policyWarnings(asked);
      assert.deepEqual(
        warnings.map(({ path }) => path),
        expected.map(([path]) => path),
      );
      expected.forEach(([, piece], index) => assert.ok(warnings[index].what.includes(piece), warnings[index].what));
    });
  }

  it("never fail, whatever the policies are", () => {
    const policies = fc.oneof(
      fc.constantFrom(...SOUND_POLICIES.map(({ policy }) => policy)),
      anything(),
    ) as fc.Arbitrary<Policy | undefined>;
    fc.assert(
      fc.property(policies, policies, (service, own) => {
        policyWarnings(use(service, own)).forEach(({ path }) => assert.match(path, /^(versions\[1\]\.)?trafficPolicy/));
      }),
      { numRuns: 500 },
    );
  });
});
