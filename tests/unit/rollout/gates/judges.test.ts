import assert from "node:assert/strict";
import * as fc from "fast-check";
import { evaluateApproval } from "../../../../src/rollout/gates/approval";
import { type BaselineGate, evaluateBaseline } from "../../../../src/rollout/gates/baseline";
import type { Assessment } from "../../../../src/rollout/gates/assessment";
import { type LatencyGate, evaluateLatency } from "../../../../src/rollout/gates/latency";
import { type PromqlGate, filledQuery, evaluateNumbers } from "../../../../src/rollout/gates/promql";
import { type SuccessRateGate, evaluateSuccessRate } from "../../../../src/rollout/gates/successRate";
import type { TrafficSample } from "../../../../src/rollout/gates/trafficGate";
import type { VersionTraffic } from "../../../../src/rollout/metrics/source";
import { question } from "./question";

const traffic = (requests: number, failures = 0, ...buckets: [upTo: number, count: number][]): VersionTraffic => ({
  requests,
  failures,
  durations: buckets.map(([upTo, count]) => ({ upTo, count })),
});

const RANK = { failed: 0, rejected: 0, inconclusive: 1, passed: 2 };

function says({ verdict, reason, metrics }: Assessment, expected: string, ...pieces: string[]): void {
  assert.equal(verdict, expected, reason);
  for (const piece of pieces) {
    assert.ok(reason.includes(piece), `"${piece}" in: ${reason}`);
  }
  for (const [name, value] of Object.entries(metrics)) {
    assert.ok(!Number.isNaN(value), `${name} is NaN`);
  }
}

/** One sample in which everything is new. */
const sample = (traffic: Record<string, VersionTraffic>, more: Partial<TrafficSample> = {}): TrafficSample => ({
  traffic,
  fresh: traffic,
  step: 0,
  tests: {},
  ...more,
});

describe("the judge of a success rate", () => {
  const judge = (seen: Record<string, VersionTraffic>, more: Partial<SuccessRateGate> = {}) =>
    evaluateSuccessRate({ name: "ok", kind: "success-rate", ...more }, sample(seen), "v2").assessment;

  it("passes at the least share that is asked for, and not one request below", () => {
    says(judge({ v2: traffic(1000, 10) }), "passed", "99% of 1,000 requests succeeded; need at least 99%");
    says(judge({ v2: traffic(1000, 11) }), "inconclusive", "98.9% of 1,000 requests succeeded", "need more requests");
    says(judge({ v2: traffic(1_000_000, 1) }, { min: 100 }), "failed", "99.9999%");
    says(judge({ v2: traffic(100, 100) }, { min: 0 }), "passed", "0%");
  });

  it("fails what cannot be chance", () => {
    says(judge({ v2: traffic(100, 4) }), "inconclusive", "96% of 100 requests");
    says(judge({ v2: traffic(100, 6) }), "failed", "94% of 100 requests", "need at least 99%", "95% confidence");
    says(judge({ v2: traffic(10_000, 150) }), "failed");
    says(judge({ v2: traffic(10_000, 110) }), "inconclusive");
    says(judge({ v2: traffic(50, 50) }, { confidence: 0.999999 }), "failed", "99.9999% confidence");
  });

  it("asks more of a higher confidence", () => {
    says(judge({ v2: traffic(200, 8) }, { confidence: 0.8 }), "failed", "80% confidence");
    says(judge({ v2: traffic(200, 8) }, { confidence: 0.999 }), "inconclusive");
  });

  it("lets a first failure disprove that there are none", () => {
    says(judge({ v2: traffic(1000, 1) }, { min: 100 }), "failed", "99.9%");
    says(judge({ v2: traffic(1000, 0) }, { min: 100 }), "passed");
  });

  it("goes on from its last answer, by what is new alone", () => {
    const gate: SuccessRateGate = { name: "ok", kind: "success-rate" };
    const few = { v2: traffic(100, 3) };
    const first = evaluateSuccessRate(gate, sample(few), "v2");
    says(first.assessment, "inconclusive");
    const both = { v2: traffic(200, 6) };
    says(evaluateSuccessRate(gate, sample(both, { fresh: {}, tests: first.tests }), "v2").assessment, "inconclusive");
    const later = evaluateSuccessRate(
      gate,
      sample({ v2: traffic(300, 12) }, { fresh: { v2: traffic(200, 9) }, tests: first.tests }),
      "v2",
    );
    says(later.assessment, "failed");
    // In the next step little is known of it, but all that was before counts still.
    const next = sample({ v2: traffic(60, 1) }, { step: 1, tests: later.tests });
    says(evaluateSuccessRate(gate, next, "v2").assessment, "failed", "98.33% of 60 requests");
    says(evaluateSuccessRate(gate, { ...next, tests: {} }, "v2").assessment, "inconclusive");
  });

  it("leaves its tests as they are where nothing new is known, or what cannot be", () => {
    const gate: SuccessRateGate = { name: "ok", kind: "success-rate" };
    const { tests } = evaluateSuccessRate(gate, sample({ v2: traffic(100, 3) }), "v2");
    const nothing: Record<string, VersionTraffic>[] = [
      {},
      { v1: traffic(100, 3) },
      { v2: traffic(0) },
      { v2: traffic(100, 101) },
    ];
    for (const fresh of nothing) {
      const after = evaluateSuccessRate(gate, sample({ v2: traffic(100, 3) }, { fresh, tests }), "v2").tests;
      assert.equal(after.share, tests.share);
    }
  });

  it("decides nothing on too few requests, or none, or none known", () => {
    says(judge({ v2: traffic(49, 0) }), "inconclusive", "only 49 requests for version v2; need at least 50");
    says(judge({ v2: traffic(49, 49) }), "inconclusive");
    says(judge({ v2: traffic(0) }, { minRequests: 1 }), "inconclusive", "0 requests");
    says(judge({ v1: traffic(1000) }), "inconclusive", "no metrics for version v2");
    says(judge({}, { of: "app" }), "inconclusive", "no metrics for the app");
  });

  it("decides nothing on metrics that make no sense", () => {
    for (const wrong of [
      traffic(NaN),
      traffic(100, NaN),
      traffic(100, 101),
      traffic(-100),
      traffic(Infinity),
      traffic(100, 0, [1, NaN], [Infinity, 0]),
    ]) {
      says(judge({ v2: wrong }), "inconclusive", "invalid metrics");
    }
  });

  it("looks at all versions where it is of the app", () => {
    const seen = { v1: traffic(900, 0), v2: traffic(100, 20) };
    says(judge(seen), "failed", "80%");
    says(judge(seen, { of: "app", min: 98 }), "passed", "98% of 1,000");
    says(judge(seen, { of: "app", min: 99.5 }), "failed", "98% of 1,000");
  });

  it("says nothing worse where a smaller share is asked for", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 50, max: 1e6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 100 }),
        (requests, part, min) => {
          const seen = { v2: traffic(requests, Math.floor(requests * part)) };
          const [more, less] = [judge(seen, { min }).verdict, judge(seen, { min: min - 1 }).verdict];
          assert.ok(RANK[more] <= RANK[less], `${more} at ${min}, ${less} below`);
        },
      ),
    );
  });
});

describe("the judge of a latency", () => {
  const judge = (seen: Record<string, VersionTraffic>, more: Partial<LatencyGate> = {}) =>
    evaluateLatency({ name: "fast", kind: "latency", maxMs: 250, ...more }, sample(seen), "v2").assessment;
  const fast = traffic(10_000, 0, [100, 9850], [250, 100], [500, 50], [Infinity, 0]);

  it("passes if the percentile is short enough, and says what it is and how sure", () => {
    says(
      judge({ v2: fast }),
      "passed",
      "p99 of 10,000 requests is 175 ms",
      "between 100 and 250 ms with 95% confidence",
      "at most 250 ms allowed",
    );
    says(judge({ v2: fast }, { maxMs: 100 }), "failed", "at most 100 ms");
    says(judge({ v2: fast }, { percentile: 50, maxMs: 100 }), "passed", "p50");
    says(judge({ v2: fast }, { percentile: 99.9 }), "failed", "p99.9");
  });

  it("passes at the longest that is allowed where that is the bound of a bucket, and not beyond", () => {
    says(judge({ v2: traffic(1000, 0, [250, 990], [500, 10], [Infinity, 0]) }), "passed");
    says(judge({ v2: traffic(1000, 0, [250, 989], [500, 11], [Infinity, 0]) }), "inconclusive", "need more requests");
    says(judge({ v2: traffic(1000, 0, [250, 970], [500, 30], [Infinity, 0]) }), "failed");
  });

  it("takes durations to be spread evenly between bounds", () => {
    const between = traffic(1000, 0, [250, 0], [500, 1000], [Infinity, 0]);
    says(judge({ v2: between }, { maxMs: 300 }), "failed", "p99 of 1,000 requests is 497.5 ms");
    says(judge({ v2: between }, { maxMs: 497.5 }), "passed");
    says(judge({ v2: between }, { maxMs: 497 }), "inconclusive");
  });

  it("fails what is longer than all bounds, however much is allowed", () => {
    says(judge({ v2: traffic(100, 0, [100, 50], [Infinity, 50]) }, { maxMs: 1e9 }), "failed", "more than 100 ms");
  });

  it("decides nothing without durations, or with too few", () => {
    says(judge({ v2: traffic(100) }), "inconclusive", "only 0 latency samples for version v2");
    says(judge({ v2: traffic(100, 0, [100, 0], [Infinity, 0]) }), "inconclusive");
    says(judge({ v2: traffic(100, 0, [100, 49], [Infinity, 0]) }), "inconclusive", "only 49 latency samples");
    says(judge({ v2: traffic(10, 0, [100, 10], [Infinity, 0]) }), "inconclusive", "10 requests");
    says(judge({}), "inconclusive", "no metrics");
  });

  it("looks at all versions where it is of the app", () => {
    const slow = traffic(1000, 0, [100, 0], [250, 0], [500, 1000], [Infinity, 0]);
    says(judge({ v1: slow, v2: fast }, { of: "app" }), "failed", "of 11,000 requests");
  });
});

describe("the judge against the other versions", () => {
  const gate = (more: Partial<BaselineGate> = {}): BaselineGate => ({ name: "as good", kind: "baseline", ...more });
  const judge = (seen: Record<string, VersionTraffic>, more: Partial<BaselineGate> = {}) =>
    evaluateBaseline(gate(more), sample(seen), "v2").assessment;

  it("passes a target that is proved to be not worse by more than the margin", () => {
    says(
      judge({ v1: traffic(3000, 30), v2: traffic(3000, 30) }),
      "passed",
      "1% of 3,000 target requests failed, and 1% of 3,000 others: at most 1 percentage point more allowed, and it is no more with 95% confidence",
    );
  });

  it("fails one that is proved to be worse by more", () => {
    says(
      judge({ v1: traffic(3000, 30), v2: traffic(1000, 60) }),
      "failed",
      "6% of 1,000 target requests",
      "at most 1 percentage point more allowed, and it is more with 95% confidence",
    );
  });

  it("does not hold against it what all versions share", () => {
    says(judge({ v1: traffic(5000, 2500), v2: traffic(5000, 2500) }, { margin: 10 }), "passed", "50%");
    says(judge({ v1: traffic(5000, 4000), v2: traffic(5000, 500) }), "passed");
  });

  it("waits for more requests in between", () => {
    says(judge({ v1: traffic(100), v2: traffic(100) }), "inconclusive", "need more requests");
    says(judge({ v1: traffic(1000, 10), v2: traffic(100, 3) }), "inconclusive");
    says(judge({ v1: traffic(3000, 30), v2: traffic(3000, 30) }, { margin: 0 }), "inconclusive");
  });

  it("needs about as many requests as its documentation says to pass a flawless target", () => {
    says(judge({ v1: traffic(330), v2: traffic(330) }), "inconclusive");
    says(judge({ v1: traffic(400), v2: traffic(400) }), "passed");
  });

  it("asks more of a higher confidence", () => {
    const seen = { v1: traffic(1000, 10), v2: traffic(1000, 45) };
    says(judge(seen, { confidence: 0.8 }), "failed");
    says(judge(seen, { confidence: 0.999 }), "inconclusive", "99.9% confidence");
  });

  it("decides nothing where either side has too few requests", () => {
    says(judge({ v1: traffic(1000), v2: traffic(49, 49) }), "inconclusive", "only 49 requests for version v2");
    says(judge({ v1: traffic(49), v2: traffic(1000) }), "inconclusive", "only 49 requests for the other versions");
    says(judge({ v2: traffic(1000) }), "inconclusive", "no metrics for the other versions");
    says(judge({ v1: traffic(1000) }), "inconclusive", "no metrics for version v2");
  });

  it("takes all other versions together", () => {
    says(
      judge({ v0: traffic(2000, 60), v1: traffic(2000, 20), v2: traffic(9000, 180) }),
      "passed",
      "2% of 4,000 others",
    );
  });

  it("waits with what is new until both sides have something", () => {
    const seen = { v1: traffic(1000, 10), v2: traffic(1000, 20) };
    const { tests } = evaluateBaseline(gate(), sample(seen), "v2");
    const oneSide: Record<string, VersionTraffic>[] = [
      {},
      { v1: traffic(10) },
      { v1: traffic(0), v2: traffic(10) },
      { v1: traffic(5, 6), v2: traffic(5) },
    ];
    for (const fresh of oneSide) {
      assert.equal(evaluateBaseline(gate(), sample(seen, { fresh, tests }), "v2").tests.failed, tests.failed);
    }
  });

  it("has to be proved within the margin in each step, and remembers over all steps what speaks against it", () => {
    const good = { v1: traffic(3000, 30), v2: traffic(3000, 30) };
    const first = evaluateBaseline(gate(), sample(good), "v2");
    says(first.assessment, "passed");
    const few = { v1: traffic(900, 9), v2: traffic(100, 1) };
    says(evaluateBaseline(gate(), sample(few, { step: 1, tests: first.tests }), "v2").assessment, "inconclusive");
    const worse = { v1: traffic(900, 9), v2: traffic(100, 7) };
    const doubtful = evaluateBaseline(gate(), sample(worse), "v2");
    says(doubtful.assessment, "inconclusive");
    const again = evaluateBaseline(gate(), sample(worse, { step: 1, tests: doubtful.tests }), "v2");
    says(again.assessment, "failed");
  });

  const usual: [number, number][] = [
    [10, 900],
    [25, 80],
    [50, 15],
    [Infinity, 5],
  ];
  const slow: [number, number][] = [
    [10, 500],
    [25, 200],
    [50, 250],
    [Infinity, 50],
  ];
  const durations = (target: [number, number][]) => ({
    v1: traffic(1000, 0, ...usual),
    v2: traffic(1000, 0, ...target),
  });
  /** Two samples: the first chooses the bound, what is new in the second is compared. */
  const judgeTwice = (seen: Record<string, VersionTraffic>, more: Partial<BaselineGate>) => {
    const { tests } = evaluateBaseline(gate(more), sample(seen), "v2");
    return evaluateBaseline(gate(more), sample(seen, { tests: JSON.parse(JSON.stringify(tests)) }), "v2").assessment;
  };

  it("compares durations by the others' percentile, if it is asked to", () => {
    says(judgeTwice(durations(usual), { latency: {} }), "passed", "2% of 1,000 target requests took more than 25 ms");
    says(
      judgeTwice(durations(slow), { latency: {} }),
      "failed",
      "30% of 1,000 target requests took more than 25 ms, and 2% of",
    );
    says(judgeTwice(durations(slow), { latency: { percentile: 99 } }), "inconclusive", "took more than 50 ms");
    says(judge(durations(slow)), "passed");
    says(
      judge({ v1: traffic(1000, 0, ...usual), v2: traffic(1000) }, { latency: {} }),
      "inconclusive",
      "latency samples",
    );
    const endless = {
      v1: traffic(1000, 0, [10, 500], [Infinity, 500]),
      v2: traffic(1000, 0, [10, 500], [Infinity, 500]),
    };
    says(judgeTwice(endless, { latency: {} }), "inconclusive", "nothing can be slower");
  });

  it("compares no durations with a bound that they have chosen themselves", () => {
    says(judge(durations(slow), { latency: {} }), "inconclusive", "took more than 25 ms", "need more requests");
  });

  it("fails by durations alone, and by failures alone", () => {
    const fast: [number, number][] = [
      [10, 1000],
      [Infinity, 0],
    ];
    const never: [number, number][] = [
      [10, 0],
      [Infinity, 1000],
    ];
    says(judgeTwice({ v1: traffic(1000, 0, ...fast), v2: traffic(1000, 0, ...never) }, { latency: {} }), "failed");
    says(judge({ v1: traffic(1000, 0, ...fast), v2: traffic(1000, 500, ...fast) }, { latency: {} }), "failed");
  });

  it("gives a worse target no better verdict", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 50, max: 5000 }),
        fc.integer({ min: 50, max: 5000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, m, p, q) => {
          const failures = Math.floor(n * p);
          const others = { v1: traffic(m, Math.floor(m * q)) };
          const [better, worse] = [Math.max(0, failures - 1), failures].map(
            (each) => judge({ ...others, v2: traffic(n, each) }).verdict,
          );
          assert.ok(RANK[worse] <= RANK[better], `${failures} of ${n}: ${worse} after ${better}`);
        },
      ),
    );
  });
});

describe("the judge of a query's answer", () => {
  it("passes a number within the bounds, which are allowed themselves", () => {
    says(evaluateNumbers({ min: 1, max: 2 }, [1]), "passed", "returned 1; need at least 1 and at most 2");
    says(evaluateNumbers({ min: 1, max: 2 }, [2]), "passed");
    says(evaluateNumbers({ min: 1 }, [0.999]), "failed", "0.999", "at least 1");
    says(evaluateNumbers({ max: 2 }, [2.1]), "failed", "at most 2");
    says(evaluateNumbers({ min: 1 }, [Infinity]), "passed");
    says(evaluateNumbers({ max: 1 }, [Infinity]), "failed");
  });

  it("decides nothing on no data, NaN, and several series", () => {
    says(evaluateNumbers({ min: 0 }, []), "inconclusive", "no data");
    says(evaluateNumbers({ min: 0 }, [NaN]), "inconclusive", "NaN");
    says(evaluateNumbers({ min: 0 }, [1, 1]), "inconclusive", "2 series");
  });

  it("is asked with the run's own names in the query", () => {
    const gate: PromqlGate = {
      name: "q",
      kind: "promql",
      query: 'a{app="{{app}}",ns="{{ namespace }}",v="{{target}}"}[{{window}}] / {{window}}',
      min: 0,
    };
    const asked = question({ app: "shop", namespace: "ns", target: "v2", since: 10_000, now: 100_400 });
    assert.equal(filledQuery(gate, asked), 'a{app="shop",ns="ns",v="v2"}[90s] / 90s');
    assert.match(filledQuery({ ...gate, window: "30s" }, asked), /\[30s\]/);
    assert.match(filledQuery(gate, { ...asked, now: 10_100 }), /\[1s\]/);
  });
});

describe("the judge of a person's decision", () => {
  it("waits for it, passes a yes, and ends the run by a no", () => {
    says(evaluateApproval("ship it", undefined), "inconclusive", "ship it is not approved yet", "canary approve");
    says(evaluateApproval("ship it", { approved: true, by: "ann" }), "passed", "approved by ann");
    says(evaluateApproval("ship it", { approved: false, by: "bob" }), "rejected", "rejected by bob");
  });
});
