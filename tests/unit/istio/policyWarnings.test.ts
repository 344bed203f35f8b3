import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Plain } from "../../../src/istio/plain";
import { type PolicyUse, policyWarnings } from "../../../src/istio/policyWarnings";
import type { TrafficPolicyArgs } from "../../../src/istio/trafficPolicy";
import { anything } from "../arbitraries";
import { SOUND_POLICIES } from "./policy/soundPolicies";

type Policy = Plain<TrafficPolicyArgs>;

/** An app of two versions at 75/25 with port 80, unless it is said otherwise. */
function use(trafficPolicy: Policy | undefined, own: Policy | undefined, more: Partial<PolicyUse> = {}): PolicyUse {
  return {
    trafficPolicy,
    versions: [{ name: "v1" }, { name: "v2", trafficPolicy: own }],
    weights: { v1: 75, v2: 25 },
    servicePorts: [80],
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
      use({ portLevelSettings: [{ port: 81, outlierDetection: {} }] }, undefined, { servicePorts: [80, 8080] }),
      [["trafficPolicy.portLevelSettings[0].port", "is 81, but the Service's ports are 80 and 8080"]],
    ],
    [
      "a port that the Service has",
      use({ portLevelSettings: [{ port: 8080, outlierDetection: {} }] }, undefined, { servicePorts: [80, 8080] }),
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
    ["failing over with the service's outlier detection", use({ outlierDetection: {} }, failover), []],
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
        policyWarnings(use(service, own)).forEach(({ path }) =>
          assert.match(path, /^(versions\[1\]\.)?trafficPolicy\./),
        );
      }),
      { numRuns: 500 },
    );
  });
});
