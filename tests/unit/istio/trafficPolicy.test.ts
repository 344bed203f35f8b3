import assert from "node:assert/strict";
import * as fc from "fast-check";
import { LoadBalancer, TlsMode } from "../../../src/istio/policy";
import type { Plain } from "../../../src/istio/plain";
import {
  type TrafficPolicyArgs,
  checkTrafficPolicy,
  renderTrafficPolicy,
  tlsModeOf,
} from "../../../src/istio/trafficPolicy";
import { UNKNOWN } from "../../../src/validation/unknown";
import { anything, roughly } from "../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../problems";
import { SOUND_POLICIES } from "./policy/soundPolicies";

function check(policy: unknown): ReturnType<typeof problemsOf> {
  return problemsOf((findings) => checkTrafficPolicy(policy as Plain<TrafficPolicyArgs>, findings), "trafficPolicy");
}

describe("a traffic policy", () => {
  for (const { name, policy, rendered } of SOUND_POLICIES) {
    it(`is ${name}`, () => {
      assertProblems(check(policy), []);
      assert.deepEqual(renderTrafficPolicy(policy), rendered);
    });
  }

  it("leaves out what is undefined, at any depth", () => {
    const policy = {
      loadBalancer: undefined,
      connectionPool: { tcp: { maxConnections: 5, connectTimeout: undefined }, http: undefined },
      portLevelSettings: undefined,
    };
    assertProblems(check(policy), []);
    assert.equal(JSON.stringify(renderTrafficPolicy(policy)), '{"connectionPool":{"tcp":{"maxConnections":5}}}');
    assert.deepEqual(Object.keys(renderTrafficPolicy(policy)), ["connectionPool"]);
  });

  const later: [name: string, policy: unknown][] = [
    ["all of it", UNKNOWN],
    ["a load balancer", { loadBalancer: UNKNOWN }],
    ["a load balancer beside a warm-up", { loadBalancer: UNKNOWN, warmup: UNKNOWN }],
    ["Istio's own fields", { extra: UNKNOWN }],
    ["a hash", { consistentHash: UNKNOWN }],
    [
      "a cookie",
      {
        consistentHash: {
          httpCookie: { name: UNKNOWN, ttl: UNKNOWN, attributes: [UNKNOWN, { name: UNKNOWN }] },
          maglev: { tableSize: UNKNOWN },
        },
      },
    ],
    [
      "localities",
      {
        localityLbSetting: {
          distribute: [UNKNOWN, { from: UNKNOWN, to: { us: UNKNOWN, eu: 50 } }, { from: "us", to: UNKNOWN }],
          enabled: UNKNOWN,
        },
      },
    ],
    [
      "regions",
      { localityLbSetting: { failover: [UNKNOWN, { from: UNKNOWN, to: UNKNOWN }], failoverPriority: UNKNOWN } },
    ],
    ["limits", { connectionPool: { tcp: UNKNOWN, http: { h2UpgradePolicy: UNKNOWN, useClientProtocol: true } } }],
    [
      "outliers",
      {
        outlierDetection: {
          consecutiveLocalOriginFailures: 5,
          splitExternalLocalOriginErrors: UNKNOWN,
          outlierDetectionHttpErrorCodes: [UNKNOWN],
        },
      },
    ],
    ["a TLS mode", { tls: { mode: UNKNOWN, caCertificates: UNKNOWN, insecureSkipVerify: true } }],
    ["a client's certificate", { tls: { mode: "MUTUAL", clientCertificate: UNKNOWN, privateKey: UNKNOWN } }],
    [
      "ports",
      { portLevelSettings: [UNKNOWN, { port: UNKNOWN, tls: UNKNOWN }, { port: UNKNOWN, outlierDetection: {} }] },
    ],
  ];
  for (const [name, policy] of later) {
    it(`is checked later where it is not known yet: ${name}`, () => assertProblems(check(policy), []));
  }

  const FIELDS =
    "loadBalancer, consistentHash, localityLbSetting, warmup, connectionPool, outlierDetection, tls, portLevelSettings, retryBudget, extra";
  const wrong: [name: string, policy: unknown, problems: Expected[]][] = [
    ["null", null, [["trafficPolicy", "is null", FIELDS]]],
    ["a text", "RANDOM", [["trafficPolicy", 'is "RANDOM"']]],
    ["nothing", {}, [["trafficPolicy", "is empty", "Istio refuses"]]],
    ["nothing in extra", { extra: {} }, [["trafficPolicy", "is empty"]]],
    ["nothing but undefined", { loadBalancer: undefined, tls: undefined }, [["trafficPolicy", "is empty"]]],
    [
      "Istio's field in the wrong place",
      { tunnel: { targetHost: "a", targetPort: 1 } },
      [["trafficPolicy.tunnel", "is an unknown argument", FIELDS]],
    ],
    ["a text in extra", { extra: "tls" }, [["trafficPolicy.extra", 'is "tls"', "an object of fields"]]],
    ["null in extra", { extra: null }, [["trafficPolicy.extra", "is null"]]],
    ["a list in extra", { extra: [{ tls: {} }] }, [["trafficPolicy.extra", 'is [{"tls":{}}]']]],
    ["an empty retry budget", { retryBudget: {} }, [["trafficPolicy.retryBudget", "sets nothing"]]],
    [
      "a retry budget out of range",
      { retryBudget: { percent: 100.5, minRetryConcurrency: 0, budgetInterval: "soon" } },
      [
        ["trafficPolicy.retryBudget.percent", "is 100.5"],
        ["trafficPolicy.retryBudget.minRetryConcurrency", "is 0"],
        ["trafficPolicy.retryBudget.budgetInterval", 'is "soon"', "0s"],
      ],
    ],
    ["no policies by port", { portLevelSettings: [] }, [["trafficPolicy.portLevelSettings", "is []", "at least 1"]]],
    [
      "policies by port as an object",
      { portLevelSettings: { 80: {} } },
      [["trafficPolicy.portLevelSettings", "a list of policies by port"]],
    ],
    [
      "a policy without a port",
      { portLevelSettings: [{ outlierDetection: {} }] },
      [["trafficPolicy.portLevelSettings[0].port", "is missing", "a port"]],
    ],
    [
      "a policy for a port as Istio nests it",
      { portLevelSettings: [{ port: { number: 80 }, outlierDetection: {} }] },
      [["trafficPolicy.portLevelSettings[0].port", 'is {"number":80}']],
    ],
    [
      "an empty policy for a port",
      { portLevelSettings: [{ port: 80 }] },
      [["trafficPolicy.portLevelSettings[0]", "sets nothing"]],
    ],
    [
      "a retry budget for a port",
      { portLevelSettings: [{ port: 80, retryBudget: { percent: 1 } }] },
      [["trafficPolicy.portLevelSettings[0].retryBudget", "is an unknown argument"]],
    ],
    [
      "two policies for a port",
      {
        portLevelSettings: [
          { port: 80, outlierDetection: {} },
          { port: 81, outlierDetection: {} },
          { port: 80, outlierDetection: {} },
        ],
      },
      [["trafficPolicy.portLevelSettings[2].port", "is 80, as in portLevelSettings[0]"]],
    ],
    [
      "policies for ports that are wrong themselves",
      {
        portLevelSettings: [
          { port: 80, loadBalancer: "RANDOM", consistentHash: { useSourceIp: true } },
          { port: 81, tls: { mode: "MUTUAL", credentialName: "" } },
        ],
      },
      [
        ["trafficPolicy.portLevelSettings[0]", "has loadBalancer and consistentHash"],
        ["trafficPolicy.portLevelSettings[1].tls.credentialName", 'is ""'],
      ],
    ],
    [
      "more policies by port than Istio takes",
      { portLevelSettings: Array.from({ length: 4097 }, (_, index) => ({ port: index + 1, outlierDetection: {} })) },
      [["trafficPolicy.portLevelSettings", "has 4097 elements", "4096"]],
    ],
  ];
  for (const [name, policy, problems] of wrong) {
    it(`may not be ${name}`, () => assertProblems(check(policy), problems));
  }

  it("is refused with a path in it, or rendered into an object that is not empty, whatever is given", () => {
    const sound = Object.fromEntries(
      FIELDS.split(", ").map((field) => [
        field,
        fc.constantFrom(...SOUND_POLICIES.flatMap(({ policy }) => (policy as Record<string, unknown>)[field] ?? [])),
      ]),
    );
    fc.assert(
      fc.property(fc.oneof({ weight: 4, arbitrary: roughly(sound) }, { weight: 1, arbitrary: anything() }), (given) => {
        const problems = check(given);
        problems.forEach(({ path }) => assert.ok(path.startsWith("trafficPolicy"), path));
        if (problems.length === 0 && !hasUnknown(given)) {
          assert.ok(Object.keys(renderTrafficPolicy(given as Plain<TrafficPolicyArgs>)).length > 0);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("of sound blocks, one of each, is sound, and rendered block by block", () => {
    const blocks = [
      "localityLbSetting",
      "connectionPool",
      "outlierDetection",
      "tls",
      "portLevelSettings",
      "retryBudget",
    ] as const;
    const sound = fc.record(
      Object.fromEntries(
        blocks.map((field) => [
          field,
          fc.constantFrom(
            ...SOUND_POLICIES.flatMap(({ policy }) => [policy[field]].filter((value) => value !== undefined)),
          ),
        ]),
      ),
    );
    fc.assert(
      fc.property(sound, fc.constantFrom(...Object.values(LoadBalancer)), (given, loadBalancer) => {
        const policy = { ...given, loadBalancer } as Plain<TrafficPolicyArgs>;
        assertProblems(check(policy), []);
        const {
          loadBalancer: balancing,
          connectionPool,
          outlierDetection,
          tls,
          retryBudget,
        } = renderTrafficPolicy(policy);
        assert.deepEqual(balancing, { simple: loadBalancer, localityLbSetting: policy.localityLbSetting });
        assert.deepEqual(
          { connectionPool, outlierDetection, tls, retryBudget },
          {
            connectionPool: policy.connectionPool,
            outlierDetection: policy.outlierDetection,
            tls: policy.tls,
            retryBudget: policy.retryBudget,
          },
        );
      }),
      { numRuns: 200 },
    );
  });
});

/** Whether anything in it is not known yet. */
function hasUnknown(value: unknown): boolean {
  return value === UNKNOWN || (typeof value === "object" && value !== null && Object.values(value).some(hasUnknown));
}

describe("the TLS mode of a traffic policy", () => {
  const { Disable, Simple, IstioMutual } = TlsMode;
  const cases: [
    name: string,
    policy: Plain<TrafficPolicyArgs> | undefined,
    port: number | undefined,
    mode: string | undefined,
  ][] = [
    ["no policy", undefined, 80, undefined],
    ["a policy without TLS", { loadBalancer: "RANDOM" }, 80, undefined],
    ["TLS for all ports", { tls: { mode: Disable } }, 80, Disable],
    ["TLS for all ports, where none is asked for", { tls: { mode: Simple } }, undefined, Simple],
    [
      "TLS for this port",
      { tls: { mode: Disable }, portLevelSettings: [{ port: 80, tls: { mode: IstioMutual } }] },
      80,
      IstioMutual,
    ],
    [
      "TLS for another port",
      { tls: { mode: Disable }, portLevelSettings: [{ port: 81, tls: { mode: IstioMutual } }] },
      80,
      Disable,
    ],
    [
      "settings for this port without TLS, which inherit nothing",
      { tls: { mode: Disable }, portLevelSettings: [{ port: 80, loadBalancer: "RANDOM" }] },
      80,
      undefined,
    ],
    ["TLS in Istio's own fields", { tls: { mode: IstioMutual }, extra: { tls: { mode: Simple } } }, 80, Simple],
    [
      "ports in Istio's own fields",
      { extra: { portLevelSettings: [{ port: { number: 80 }, tls: { mode: Disable } }] } },
      80,
      Disable,
    ],
    ["what is no list in Istio's own fields", { extra: { portLevelSettings: "none" } }, 80, undefined],
  ];
  for (const [name, policy, port, mode] of cases) {
    it(`is read from ${name}`, () => assert.equal(tlsModeOf(policy, port), mode));
  }
});
