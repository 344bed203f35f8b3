import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { CanaryAppArgs } from "../../../components";
import { TWO_VERSIONS, TYPES, find, recordApp } from "../recordings";

describe("the share of an app's pods that may be ejected", () => {
  const [v1, v2] = TWO_VERSIONS.versions;
  const cases: [name: string, args: Partial<CanaryAppArgs>, percents: [service: unknown, v1: unknown, v2: unknown]][] =
    [
      [
        "one of those that are declared",
        {
          versions: [
            { ...v1, replicas: 3 },
            { ...v2, replicas: pulumi.output(2) },
          ],
        },
        [20, 34, 50],
      ],
      [
        "nobody of one, and of ten by Istio's own",
        { versions: [{ ...v1, replicas: 10 }, v2] },
        [undefined, undefined, undefined],
      ],
      [
        "one of the fewest that are autoscaled, from 2 on",
        {
          pod: { resources: { requests: { cpu: "1" } } },
          versions: [
            { ...v1, autoscaling: { minReplicas: 4, maxReplicas: 90 } },
            { ...v2, autoscaling: { maxReplicas: 90 } },
          ],
        },
        [20, 25, 50],
      ],
      [
        "one of 2 where a lone version is autoscaled from 1",
        {
          pod: { resources: { requests: { cpu: "1" } } },
          weight: undefined,
          versions: [
            { ...v1, autoscaling: { maxReplicas: 90 } },
            { ...v2, replicas: 0 },
          ],
          weights: { v1: 100, v2: 0 },
        },
        [50, 50, undefined],
      ],
      [
        "nobody of an autoscaled one that stays alone",
        {
          pod: { resources: { requests: { cpu: "1" } } },
          versions: [
            { ...v1, autoscaling: { maxReplicas: 1 } },
            { ...v2, replicas: 2 },
          ],
        },
        [34, undefined, 50],
      ],
      [
        "Istio's own where someone else says how many pods there are",
        {
          versions: [
            { ...v1, replicas: 3 },
            { ...v2, externalScaling: true },
          ],
        },
        [undefined, 34, undefined],
      ],
      ["one of the fewest that follow weights", { replicasFollowWeight: { total: 8 }, weight: 25 }, [13, 50, 50]],
      ["the same for other weights", { replicasFollowWeight: { total: 8 }, weight: 75 }, [13, 50, 50]],
      ["one of the fewest that follow any weight", { replicasFollowWeight: { total: 8, least: 4 } }, [13, 25, 25]],
      ["nobody of one for all traffic", { replicasFollowWeight: { total: 1 } }, [undefined, undefined, undefined]],
      [
        "as many as are said for one version",
        {
          versions: [
            { ...v1, replicas: 2 },
            { ...v2, replicas: 2, trafficPolicy: { outlierDetection: { maxEjectionPercent: 100 } } },
          ],
        },
        [25, 50, 100],
      ],
    ];
  for (const [name, args, expected] of cases) {
    it(`is ${name}`, async () => {
      const { resources } = await recordApp({ ...TWO_VERSIONS, trafficPolicy: { outlierDetection: {} }, ...args });
      const rule = (suffix: string) => find(resources, TYPES.destinationRule, `shop-${suffix}`).inputs.spec;
      const policies = [
        rule("policy").trafficPolicy,
        ...["v1", "v2"].map((version) => rule(`${version}-subset`).subsets[0].trafficPolicy),
      ];
      assert.deepEqual(
        policies.map((policy) => policy?.outlierDetection?.maxEjectionPercent),
        expected,
      );
    });
  }

  it("is not the business of an app that ejects nobody", async () => {
    const { resources } = await recordApp({ ...TWO_VERSIONS, replicasFollowWeight: { total: 5 } });
    assert.equal(
      find(resources, TYPES.destinationRule, "shop-v1-subset").inputs.spec.subsets[0].trafficPolicy,
      undefined,
    );
  });
});
