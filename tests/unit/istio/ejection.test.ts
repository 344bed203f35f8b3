import assert from "node:assert/strict";
import * as fc from "fast-check";
import { leastPercent } from "../../../src/istio/ejection";
import { baseDestinationRule, versionDestinationRule } from "../../../src/istio/istioObjects";
import type { Plain } from "../../../src/istio/plain";
import type { TrafficPolicyArgs } from "../../../src/istio/trafficPolicy";

type Policy = Plain<TrafficPolicyArgs>;

/** As Envoy decides: another pod is ejected if all that are ejected then are no more than the share. */
const isEjected = (ejected: number, pods: number, percent: number) => 100 * ((ejected + 1) / pods) <= percent;

/** The trafficPolicy that a version's rule has in the end. */
function ofVersion(own: Policy | undefined, service: Policy | undefined, pods: number, servicePorts = [80]): unknown {
  const rule = versionDestinationRule("shop", "v1", own, { pods, service, servicePorts });
  return (rule as { subsets: { trafficPolicy?: unknown }[] }).subsets[0].trafficPolicy;
}

describe("the share of pods that may be ejected", () => {
  it("is the least of which Envoy ejects one", () => {
    for (let pods = 1; pods <= 200; pods++) {
      const shares = Array.from({ length: 100 }, (_, index) => index + 1);
      assert.equal(
        leastPercent(pods),
        shares.find((percent) => isEjected(0, pods, percent)),
        `${pods} pods`,
      );
    }
  });

  for (const [pods, percent] of [
    [2, 50],
    [3, 34],
    [4, 25],
    [6, 17],
    [7, 15],
    [9, 12],
  ]) {
    it(`is ${percent} % for ${pods} pods, for a version and for all pods of a service`, () => {
      const service: Policy = { outlierDetection: { consecutive5xxErrors: 3 } };
      const expected = { outlierDetection: { consecutive5xxErrors: 3, maxEjectionPercent: percent } };
      assert.deepEqual(ofVersion(undefined, service, pods), expected);
      assert.deepEqual(ofVersion(service, undefined, pods), expected);
      const { trafficPolicy } = baseDestinationRule("shop", service, { pods, servicePorts: [80] }) as {
        trafficPolicy: Record<string, unknown>;
      };
      assert.deepEqual(trafficPolicy.outlierDetection, expected.outlierDetection);
    });
  }

  const detection = { outlierDetection: {} };
  const half = { outlierDetection: { maxEjectionPercent: 50 } };
  const cases: [name: string, own: Policy | undefined, service: Policy | undefined, pods: number, expected: unknown][] =
    [
      ["Istio's own where that ejects one of ten", undefined, detection, 10, undefined],
      ["Istio's own for a version's policy", detection, undefined, 12, detection],
      ["nobody's for a lone pod, which nobody could stand in for", undefined, detection, 1, undefined],
      ["nobody's for no pods", undefined, detection, 0, undefined],
      ["nobody's where no pod is ever ejected", undefined, undefined, 3, undefined],
      ["the one that is set", undefined, { outlierDetection: { maxEjectionPercent: 20 } }, 3, undefined],
      [
        "that of the version's own block, not the service's",
        detection,
        { outlierDetection: { maxEjectionPercent: 20 } },
        2,
        half,
      ],
      [
        "beside the version's other blocks",
        { loadBalancer: "RANDOM" },
        detection,
        2,
        { loadBalancer: { simple: "RANDOM" }, ...half },
      ],
      [
        "nobody's where no number of errors ejects",
        undefined,
        { outlierDetection: { consecutive5xxErrors: 0 } },
        3,
        undefined,
      ],
      [
        "there where gateway errors eject",
        undefined,
        { outlierDetection: { consecutive5xxErrors: 0, consecutiveGatewayErrors: 3 } },
        2,
        { outlierDetection: { consecutive5xxErrors: 0, consecutiveGatewayErrors: 3, maxEjectionPercent: 50 } },
      ],
      [
        "in a version's settings for the port",
        {
          ...detection,
          portLevelSettings: [
            { port: 81, ...detection },
            { port: 80, ...detection },
          ],
        },
        detection,
        2,
        {
          ...detection,
          portLevelSettings: [
            { port: { number: 81 }, ...detection },
            { port: { number: 80 }, ...half },
          ],
        },
      ],
      [
        "that of the service's settings for the port, which count before its own block",
        undefined,
        {
          outlierDetection: { consecutive5xxErrors: 9 },
          portLevelSettings: [{ port: 80, outlierDetection: { consecutive5xxErrors: 2 } }],
        },
        2,
        { outlierDetection: { consecutive5xxErrors: 2, maxEjectionPercent: 50 } },
      ],
      [
        "nobody's where the service's settings for the port eject nobody",
        undefined,
        { ...detection, portLevelSettings: [{ port: 80, loadBalancer: "RANDOM" }] },
        2,
        undefined,
      ],
      [
        "there where the block is passed through",
        { extra: { outlierDetection: { interval: "1s" } } },
        undefined,
        2,
        { outlierDetection: { interval: "1s", maxEjectionPercent: 50 } },
      ],
    ];
  for (const [name, own, service, pods, expected] of cases) {
    it(`is ${name}`, () => {
      const policy = ofVersion(own, service, pods) as object | undefined;
      assert.deepEqual(policy && JSON.parse(JSON.stringify(policy)), expected);
    });
  }

  describe("of several ports", () => {
    const third = { outlierDetection: { maxEjectionPercent: 34 } };
    const twice = { outlierDetection: { consecutive5xxErrors: 2 } };
    const ofPorts: [name: string, own: Policy | undefined, service: Policy | undefined, expected: unknown][] = [
      ["is the same where one block counts for all", undefined, detection, third],
      [
        "is in each of a version's settings, and in its own block for the rest",
        { ...detection, portLevelSettings: [{ port: 9090, ...twice }] },
        undefined,
        {
          ...third,
          portLevelSettings: [
            { port: { number: 9090 }, outlierDetection: { consecutive5xxErrors: 2, maxEjectionPercent: 34 } },
          ],
        },
      ],
      [
        "is the port's own where only the service's settings for that port eject, beside all that counts there",
        { loadBalancer: "RANDOM" },
        { portLevelSettings: [{ port: 9090, ...twice, connectionPool: { tcp: { maxConnections: 5 } } }] },
        {
          loadBalancer: { simple: "RANDOM" },
          portLevelSettings: [
            {
              port: { number: 9090 },
              loadBalancer: { simple: "RANDOM" },
              connectionPool: { tcp: { maxConnections: 5 } },
              outlierDetection: { consecutive5xxErrors: 2, maxEjectionPercent: 34 },
            },
          ],
        },
      ],
      [
        "leaves the service's settings for one port as they are",
        undefined,
        { ...detection, portLevelSettings: [{ port: 9090, loadBalancer: "RANDOM" }] },
        { portLevelSettings: [{ port: { number: 80 }, ...third }] },
      ],
      [
        "is one for all where the service's settings for each port say the same",
        undefined,
        {
          portLevelSettings: [
            { port: 80, ...twice },
            { port: 9090, ...twice },
          ],
        },
        { outlierDetection: { consecutive5xxErrors: 2, maxEjectionPercent: 34 } },
      ],
    ];
    for (const [name, own, service, expected] of ofPorts) {
      it(name, () => {
        const policy = ofVersion(own, service, 3, [80, 9090]) as object | undefined;
        assert.deepEqual(policy && JSON.parse(JSON.stringify(policy)), expected);
      });
    }
  });

  it("changes nothing that is given", () => {
    const policy: Policy = { portLevelSettings: [{ port: 80, outlierDetection: {} }] };
    const before = structuredClone(policy);
    ofVersion(policy, policy, 3);
    assert.deepEqual(policy, before);
  });

  it("ejects one of as many pods as there are, and never half of three or more", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 100 }), (pods) => {
        const { outlierDetection } = (ofVersion(undefined, detection, pods) ?? { outlierDetection: {} }) as {
          outlierDetection: { maxEjectionPercent?: number };
        };
        const percent = outlierDetection.maxEjectionPercent ?? 10;
        assert.ok(isEjected(0, pods, percent));
        assert.ok(pods === 2 || !isEjected(Math.ceil(pods / 2) - 1, pods, percent));
      }),
    );
  });
});
