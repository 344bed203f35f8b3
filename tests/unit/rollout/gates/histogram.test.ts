import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  above,
  longer,
  merged,
  observations,
  quantile,
  quantileInterval,
  type Histogram,
} from "../../../../src/rollout/gates/histogram";

function close(actual: number, expected: number, by = 5e-5): void {
  assert.ok(Math.abs(actual - expected) <= by, `${actual} instead of ${expected}`);
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
    const few = quantileInterval(histogram([10, 5], [20, 5], [Infinity, 0]), 0.5, 0.95);
    assert.deepEqual(few, { low: 0, high: 20 });
    assert.deepEqual(quantileInterval(histogram([10, 400], [20, 600], [Infinity, 0]), 0.5, 0.95), {
      low: 10,
      high: 20,
    });
    assert.deepEqual(quantileInterval(histogram([10, 98], [20, 1], [Infinity, 1]), 0.99, 0.95), {
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
        const { low, high } = quantileInterval(buckets, share, 0.95);
        const value = quantile(buckets, share);
        assert.ok(low <= value && value <= high, `${low} ${value} ${high}`);
      }),
    );
  });

  it("is exceeded by as many observations as lie above it", () => {
    for (const [value, hits] of [
      [0, 100],
      [0.5, 95],
      [1, 90],
      [3, 80],
      [25, 10],
      [37.5, 5.5],
      [50, 1],
      [1e9, 1],
    ]) {
      close(longer(buckets, value).hits, hits, 1e-9);
      assert.equal(longer(buckets, value).of, 100);
    }
    assert.deepEqual(longer([], 5), { hits: 0, of: 0 });
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
