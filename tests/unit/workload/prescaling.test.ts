import assert from "node:assert/strict";
import * as fc from "fast-check";
import { podsForShare, risingVersions, servingAnnotation, servingIn } from "../../../src/workload/prescaling";
import { versionCheck } from "../../../src/workload/version";
import { assertProblems, problemsOf } from "../problems";

const BOUNDS = { minReplicas: 2, maxReplicas: 30 };

describe("the pods that a version needs before its traffic", () => {
  it("are its share of those that serve", () => {
    assert.equal(podsForShare(100, [{ share: 100, pods: 20 }], BOUNDS), 20);
    assert.equal(podsForShare(25, [{ share: 100, pods: 20 }], BOUNDS), 5);
    assert.equal(podsForShare(33, [{ share: 100, pods: 20 }], BOUNDS), 7);
    assert.equal(
      podsForShare(
        75,
        [
          { share: 50, pods: 12 },
          { share: 50, pods: 8 },
        ],
        BOUNDS,
      ),
      15,
    );
  });

  it("are reckoned from the versions whose pods are known", () => {
    assert.equal(podsForShare(60, [{ share: 40, pods: 8 }], BOUNDS), 12);
    assert.equal(podsForShare(60, [], BOUNDS), 2);
  });

  it("stay within what the version may have", () => {
    assert.equal(podsForShare(100, [{ share: 100, pods: 50 }], BOUNDS), 30);
    assert.equal(podsForShare(1, [{ share: 100, pods: 20 }], BOUNDS), 2);
    assert.equal(podsForShare(1, [{ share: 100, pods: 20 }], { maxReplicas: 30 }), 1);
  });

  it("are enough for every share, and not one too many", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 500 }), (share, pods) => {
        const needed = podsForShare(share, [{ share: 100, pods }], { minReplicas: 1, maxReplicas: 1000 });
        assert.ok(needed * 100 >= share * pods && (needed - 1) * 100 < Math.max(share * pods, 100));
      }),
    );
  });
});

describe("the versions whose pods come before their traffic", () => {
  const inputs = (versions: Parameters<typeof servingAnnotation>[0]) => ({
    metadata: { annotations: servingAnnotation(versions) },
  });

  it("are those with more of it than the VirtualService says of the time before", () => {
    const before = servingIn(
      inputs({ v1: { share: 75, pods: "autoscaled" }, v2: { share: 25, pods: 3 }, v3: { share: 0 } }),
    );
    assert.deepEqual(before, { v1: { share: 75, pods: "autoscaled" }, v2: { share: 25, pods: 3 }, v3: { share: 0 } });
    const after = servingIn(
      inputs({ v1: { share: 50 }, v2: { share: 25 }, v3: { share: 20 }, v4: { share: 5 }, v5: { share: 0 } }),
    );
    assert.deepEqual(risingVersions(before, after), ["v3", "v4"]);
  });

  it("are none where nothing is known of that time", () => {
    const after = servingIn(inputs({ v1: { share: 100 } }));
    const unreadable = ["{", "null"].map((text) => ({ metadata: { annotations: { "canary-app/serving": text } } }));
    for (const before of [undefined, {}, { metadata: {} }, ...unreadable]) {
      assert.deepEqual(risingVersions(servingIn(before), after), []);
    }
  });
});

describe("an autoscaler whose pods come before the traffic", () => {
  const problems = (autoscaling: object) =>
    problemsOf((findings) => versionCheck()({ name: "v1", image: "shop:1", autoscaling }, findings), "v");

  it("may have other fields of its own, but not the bounds that it is raised within", () => {
    assertProblems(problems({ maxReplicas: 3, prescale: true, extra: { metrics: [] } }), []);
    assertProblems(problems({ maxReplicas: 3, prescale: false, extra: { minReplicas: 2 } }), []);
    assertProblems(problems({ maxReplicas: 3, prescale: true, extra: { minReplicas: 2, maxReplicas: 9 } }), [
      ["v.autoscaling.extra.minReplicas", "is set, and prescale is true", "set minReplicas outside of extra"],
      ["v.autoscaling.extra.maxReplicas", "is set, and prescale is true"],
    ]);
    assertProblems(problems({ maxReplicas: 3, prescale: "yes" }), [
      ["v.autoscaling.prescale", 'is "yes"', "true or false"],
    ]);
  });
});
