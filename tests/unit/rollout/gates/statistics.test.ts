import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  above,
  merged,
  observations,
  quantile,
  quantileInterval,
  type Histogram,
} from "../../../../src/rollout/gates/histogram";
import { normalDistribution, normalQuantile } from "../../../../src/rollout/gates/normal";
import { differenceInterval, shareInterval } from "../../../../src/rollout/gates/proportions";

const Z95 = normalQuantile(0.975);

function close(actual: number, expected: number, by = 5e-5): void {
  assert.ok(Math.abs(actual - expected) <= by, `${actual} instead of ${expected}`);
}

describe("the normal distribution", () => {
  // From published tables.
  const known: [probability: number, quantile: number][] = [
    [0.5, 0],
    [0.8413447460685429, 1],
    [0.9, 1.2815515655446004],
    [0.95, 1.6448536269514722],
    [0.975, 1.959963984540054],
    [0.99, 2.3263478740408408],
    [0.995, 2.5758293035489004],
    [0.999, 3.090232306167813],
    [0.999999, 4.753424308822899],
    [1e-9, -5.997807015007686],
  ];
  for (const [probability, expected] of known) {
    it(`has the quantile ${expected} at ${probability}`, () => close(normalQuantile(probability), expected, 1e-9));
  }

  it("has quantiles that are the inverse of its probabilities", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }), (p) =>
        close(normalDistribution(normalQuantile(p)), p, 1e-12),
      ),
    );
  });

  it("has none beyond all and nothing", () => {
    for (const probability of [0, 1, -1, 2, NaN]) {
      assert.throws(() => normalQuantile(probability), RangeError);
    }
  });
});

describe("the interval of a share", () => {
  // R. G. Newcombe, Statistics in Medicine 17 (1998), 857–872, table I, method 3.
  const known: [hits: number, of: number, low: number, high: number][] = [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ];
  for (const [hits, of, low, high] of known) {
    it(`of ${hits} of ${of} is ${low} to ${high}`, () => {
      const interval = shareInterval({ hits, of }, Z95);
      close(interval.low, low);
      close(interval.high, high);
    });
  }

  it("is everything where nothing was observed", () =>
    assert.deepEqual(shareInterval({ hits: 0, of: 0 }, Z95), { low: 0, high: 1 }));

  it("holds the observed share, and is narrower with more of the same", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (of, part) => {
        const hits = Math.round(of * part);
        const [few, many] = [shareInterval({ hits, of }, Z95), shareInterval({ hits: hits * 10, of: of * 10 }, Z95)];
        assert.ok(few.low <= hits / of + 1e-12 && hits / of - 1e-12 <= few.high && few.low >= 0 && few.high <= 1);
        assert.ok(many.high - many.low < few.high - few.low);
      }),
    );
  });
});

describe("the interval of a difference of shares", () => {
  // R. G. Newcombe, Statistics in Medicine 17 (1998), 873–890, table II, method 10.
  const known: [hits: number, of: number, otherHits: number, other: number, low: number, high: number][] = [
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [6, 7, 2, 7, 0.0582, 0.8062],
    [5, 56, 0, 29, -0.0381, 0.1926],
    [0, 10, 0, 20, -0.1611, 0.2775],
    [0, 10, 0, 10, -0.2775, 0.2775],
    [10, 10, 0, 20, 0.6791, 1],
    [10, 10, 0, 10, 0.6075, 1],
  ];
  for (const [hits, of, otherHits, other, low, high] of known) {
    it(`of ${hits} of ${of} and ${otherHits} of ${other} is ${low} to ${high}`, () => {
      const interval = differenceInterval({ hits, of }, { hits: otherHits, of: other }, Z95);
      close(interval.low, low);
      close(interval.high, high);
    });
  }

  it("holds the observed difference, and turns its sign when the two change places", () => {
    const proportion = fc
      .integer({ min: 1, max: 5000 })
      .chain((of) => fc.record({ hits: fc.integer({ min: 0, max: of }), of: fc.constant(of) }));
    fc.assert(
      fc.property(proportion, proportion, (a, b) => {
        const [there, back] = [differenceInterval(a, b, Z95), differenceInterval(b, a, Z95)];
        const difference = a.hits / a.of - b.hits / b.of;
        assert.ok(there.low <= difference + 1e-12 && difference - 1e-12 <= there.high);
        close(there.low, -back.high, 1e-12);
      }),
    );
  });

  it("misses the true difference no more often than it says", () => {
    // Exact: all outcomes of two binomial draws, each with its probability, instead of a simulation.
    for (const [p, q, n, m] of [
      [0.01, 0.01, 300, 900],
      [0.05, 0.01, 100, 400],
      [0.2, 0.2, 60, 60],
      [0.02, 0.005, 200, 2000],
    ] as const) {
      const [first, second] = [binomial(n, p), binomial(m, q)];
      const z = normalQuantile(0.95);
      let above = 0;
      let below = 0;
      first.forEach((x, hits) =>
        second.forEach((y, others) => {
          if (x * y < 1e-12) return;
          const { low, high } = differenceInterval({ hits, of: n }, { hits: others, of: m }, z);
          above += low > p - q ? x * y : 0;
          below += high < p - q ? x * y : 0;
        }),
      );
      assert.ok(above < 0.08 && below < 0.08, `${above} and ${below} at ${p}, ${q}; about 0.05 is promised`);
    }
  });
});

function binomial(n: number, p: number): number[] {
  const probabilities = [(1 - p) ** n];
  for (let k = 1; k <= n; k++) {
    probabilities.push((probabilities[k - 1] * (n - k + 1) * p) / (k * (1 - p)));
  }
  return probabilities;
}

const histogram = (...buckets: [upTo: number, count: number][]): Histogram =>
  buckets.map(([upTo, count]) => ({ upTo, count }));

describe("a quantile of a histogram", () => {
  // As histogram_quantile answers for the same buckets.
  const buckets = histogram([1, 10], [5, 20], [10, 40], [25, 20], [50, 9], [Infinity, 1]);
  for (const [share, expected] of [
    [0, 0],
    [0.05, 0.5],
    [0.1, 1],
    [0.2, 3],
    [0.5, 7.5],
    [0.9, 25],
    [0.945, 37.5],
    [0.99, 50],
    [0.995, Infinity],
    [1, Infinity],
  ]) {
    it(`is ${expected} at ${share}`, () =>
      assert.ok(
        Object.is(quantile(buckets, share), expected) || Math.abs(quantile(buckets, share) - expected) < 1e-9,
        String(quantile(buckets, share)),
      ));
  }

  it("is none without observations", () => {
    assert.ok(Number.isNaN(quantile([], 0.5)));
    assert.ok(Number.isNaN(quantile(histogram([1, 0], [Infinity, 0]), 0.5)));
  });

  it("passes over empty buckets", () =>
    assert.equal(quantile(histogram([1, 0], [5, 0], [10, 4], [Infinity, 0]), 0.5), 7.5));

  it("lies between its bounds, which are bounds of buckets and narrow with more requests", () => {
    const few = quantileInterval(histogram([10, 5], [20, 5], [Infinity, 0]), 0.5, Z95);
    assert.deepEqual(few, { low: 0, high: 20 });
    assert.deepEqual(quantileInterval(histogram([10, 400], [20, 600], [Infinity, 0]), 0.5, Z95), { low: 10, high: 20 });
    assert.deepEqual(quantileInterval(histogram([10, 98], [20, 1], [Infinity, 1]), 0.99, Z95), {
      low: 0,
      high: Infinity,
    });
    const counts = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(counts, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (given, share) => {
        const buckets = given.map((count, index) => ({
          upTo: index === given.length - 1 ? Infinity : (index + 1) * 10,
          count,
        }));
        fc.pre(observations(buckets) > 0);
        const { low, high } = quantileInterval(buckets, share, Z95);
        const value = quantile(buckets, share);
        assert.ok(low <= value && value <= high, `${low} ${value} ${high}`);
      }),
    );
  });

  it("is of all observations where histograms are merged", () => {
    const sum = merged([histogram([1, 1], [5, 2], [Infinity, 3]), histogram([1, 10], [5, 20], [Infinity, 30]), []]);
    assert.deepEqual(sum, histogram([1, 11], [5, 22], [Infinity, 33]));
    assert.deepEqual(
      merged([histogram([1, 1], [5, 2], [Infinity, 3]), histogram([5, 20], [9, 1], [Infinity, 30])]),
      histogram([5, 23], [Infinity, 34]),
    );
    assert.deepEqual(merged([[], []]), []);
    assert.deepEqual(above(sum, 5), { hits: 33, of: 66 });
  });
});
