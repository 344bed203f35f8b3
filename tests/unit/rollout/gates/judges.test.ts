import assert from "node:assert/strict";
import * as fc from "fast-check";
import { evaluateApproval } from "../../../../src/rollout/gates/approval";
import { type BaselineGate, evaluateBaseline } from "../../../../src/rollout/gates/baseline";
import type { Assessment } from "../../../../src/rollout/gates/assessment";
import { type LatencyGate, evaluateLatency } from "../../../../src/rollout/gates/latency";
import { type PromqlGate, filledQuery, evaluateNumbers } from "../../../../src/rollout/gates/promql";
import { type SuccessRateGate, evaluateSuccessRate } from "../../../../src/rollout/gates/successRate";
import type { VersionTraffic } from "../../../../src/rollout/metrics/source";
import { question } from "./question";

const traffic = (requests: number, failures = 0, ...buckets: [upTo: number, count: number][]): VersionTraffic => ({
  requests,
  failures,
  durations: buckets.map(([upTo, count]) => ({ upTo, count })),
});

function says({ verdict, reason, metrics }: Assessment, expected: string, ...pieces: string[]): void {
  assert.equal(verdict, expected, reason);
  for (const piece of pieces) {
    assert.ok(reason.includes(piece), `"${piece}" in: ${reason}`);
  }
  for (const [name, value] of Object.entries(metrics)) {
    assert.ok(!Number.isNaN(value), `${name} is NaN`);
  }
}

describe("the judge of a success rate", () => {
  const judge = (seen: Record<string, VersionTraffic>, more: Partial<SuccessRateGate> = {}) =>
    evaluateSuccessRate({ name: "ok", kind: "success-rate", ...more }, seen, "v2");

  it("passes at the least share that is asked for, and fails one request below", () => {
    says(judge({ v2: traffic(1000, 10) }), "passed", "99% of 1,000 requests succeeded; need at least 99%");
    says(judge({ v2: traffic(1000, 11) }), "failed", "98.9% of 1,000 requests succeeded");
    says(judge({ v2: traffic(1000, 1) }, { min: 100 }), "failed", "99.9%");
    says(judge({ v2: traffic(1_000_000, 1) }, { min: 100 }), "failed", "99.9999%");
    says(judge({ v2: traffic(100, 100) }, { min: 0 }), "passed", "0%");
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
  });

  it("never passes what fails with a smaller share asked for", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 50, max: 1e6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 100 }),
        (requests, part, min) => {
          const seen = { v2: traffic(requests, Math.floor(requests * part)) };
          assert.ok(judge(seen, { min }).verdict === "failed" || judge(seen, { min: min - 1 }).verdict === "passed");
        },
      ),
    );
  });
});

describe("the judge of a latency", () => {
  const judge = (seen: Record<string, VersionTraffic>, more: Partial<LatencyGate> = {}) =>
    evaluateLatency({ name: "fast", kind: "latency", maxMs: 250, ...more }, seen, "v2");
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

  it("is exact where the longest is the bound of a bucket", () => {
    says(judge({ v2: traffic(1000, 0, [250, 990], [500, 10], [Infinity, 0]) }), "passed");
    says(judge({ v2: traffic(1000, 0, [250, 989], [500, 11], [Infinity, 0]) }), "failed");
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
  const judge = (seen: Record<string, VersionTraffic>, more: Partial<BaselineGate> = {}) =>
    evaluateBaseline({ name: "as good", kind: "baseline", ...more }, seen, "v2");

  it("passes a target that is proved to be not worse by more than the margin", () => {
    says(
      judge({ v1: traffic(3000, 30), v2: traffic(3000, 30) }),
      "passed",
      "1% of 3,000 target requests failed, and 1% of 3,000 others: at most 0.43 percentage points more with 95% confidence, at most 1 allowed",
    );
  });

  it("fails one that is proved to be worse by more", () => {
    says(
      judge({ v1: traffic(3000, 30), v2: traffic(1000, 60) }),
      "failed",
      "6% of 1,000 target requests",
      "at least 3.8",
      "at most 1 allowed",
    );
  });

  it("does not hold against it what all versions share", () => {
    says(judge({ v1: traffic(5000, 2500), v2: traffic(5000, 2500) }, { margin: 2 }), "passed", "50%");
    says(judge({ v1: traffic(5000, 4000), v2: traffic(5000, 500) }), "passed");
  });

  it("waits for more requests in between", () => {
    says(judge({ v1: traffic(100), v2: traffic(100) }), "inconclusive", "need more requests");
    says(judge({ v1: traffic(1000, 10), v2: traffic(100, 3) }), "inconclusive");
    says(judge({ v1: traffic(3000, 30), v2: traffic(3000, 30) }, { margin: 0 }), "inconclusive");
  });

  it("needs about as many requests as its documentation says to pass a flawless target", () => {
    says(judge({ v1: traffic(265), v2: traffic(265) }), "inconclusive");
    says(judge({ v1: traffic(275), v2: traffic(275) }), "passed");
  });

  it("asks more of a higher confidence", () => {
    const seen = { v1: traffic(1000, 10), v2: traffic(1000, 30) };
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
    says(judge({ v0: traffic(2000, 60), v1: traffic(1000, 0), v2: traffic(3000, 60) }), "passed", "2% of 3,000 others");
  });

  it("compares durations by the others' percentile, if it is asked to", () => {
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
    const seen = (target: [number, number][]) => ({ v1: traffic(1000, 0, ...usual), v2: traffic(1000, 0, ...target) });
    says(judge(seen(usual), { latency: {} }), "passed", "2% of 1,000 target requests took more than 25 ms");
    says(judge(seen(slow), { latency: {} }), "failed", "30% of 1,000 target requests took more than 25 ms, and 2% of");
    says(judge(seen(slow), { latency: { percentile: 99 } }), "inconclusive", "took more than 50 ms");
    says(judge(seen(slow)), "passed");
    says(
      judge({ v1: traffic(1000, 0, ...usual), v2: traffic(1000) }, { latency: {} }),
      "inconclusive",
      "latency samples",
    );
    const endless = {
      v1: traffic(1000, 0, [10, 500], [Infinity, 500]),
      v2: traffic(1000, 0, [10, 500], [Infinity, 500]),
    };
    says(judge(endless, { latency: {} }), "inconclusive", "nothing can be slower");
  });

  it("fails by durations alone, and by failures alone", () => {
    const fast: [number, number][] = [
      [10, 1000],
      [Infinity, 0],
    ];
    const slow: [number, number][] = [
      [10, 0],
      [Infinity, 1000],
    ];
    says(judge({ v1: traffic(1000, 0, ...fast), v2: traffic(1000, 0, ...slow) }, { latency: {} }), "failed");
    says(judge({ v1: traffic(1000, 0, ...fast), v2: traffic(1000, 500, ...fast) }, { latency: {} }), "failed");
  });

  it("gives a worse target no better verdict", () => {
    const rank = { failed: 0, rejected: 0, inconclusive: 1, passed: 2 };
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
          assert.ok(rank[worse] <= rank[better], `${failures} of ${n}: ${worse} after ${better}`);
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
