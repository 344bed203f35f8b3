import assert from "node:assert/strict";
import * as fc from "fast-check";
import { shareInterval } from "../../../../src/rollout/gates/confidenceSequence";
import { logDifferenceBet, logLikelihoodRatio } from "../../../../src/rollout/gates/likelihoodRatio";
import {
  afterGains,
  afterSample,
  type Alternative,
  BELOW,
  FAR_ABOVE,
  isDisproved,
  LITTLE_ABOVE,
  logStake,
} from "../../../../src/rollout/gates/sequentialTest";

const close = (actual: number, expected: number, by = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= by, `${actual} instead of ${expected}`);

/** The probabilities of 0, 1, … hits of n, each with the chance p: without logarithms, unlike what is tested. */
function binomial(n: number, p: number): number[] {
  const probabilities = [(1 - p) ** n];
  for (let k = 1; k <= n; k++) {
    probabilities.push((probabilities[k - 1] * (n - k + 1) * p) / (k * (1 - p)));
  }
  return probabilities;
}

/** The expectation of a value that depends on the number of hits of n requests, each with the chance p. */
function expectation(n: number, p: number, valueOf: (hits: number) => number): number {
  return binomial(n, p).reduce((sum, chance, hits) => sum + chance * valueOf(hits), 0);
}

const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
const above1 = fc.double({ min: 1.001, max: 60, noNaN: true });

describe("a likelihood ratio of two shares", () => {
  it("is the ratio of the two binomial probabilities", () => {
    for (const [oddsRatio, hits, of, p] of [
      [2, 3, 10, 0.1],
      [0.5, 0, 20, 0.3],
      [6, 20, 100, 0.05],
    ] as const) {
      const odds = (oddsRatio * p) / (1 - p);
      const expected = Math.log(binomial(of, odds / (1 + odds))[hits] / binomial(of, p)[hits]);
      close(logLikelihoodRatio(oddsRatio, { hits, of }, p), expected);
    }
  });

  /** Its expectation if each request is a hit with the chance p. */
  const expected = (oddsRatio: number, of: number, p: number, against: number) =>
    expectation(of, p, (hits) => Math.exp(logLikelihoodRatio(oddsRatio, { hits, of }, against)));

  it("is expected to be 1 where the share is as said, and less where the rule is kept by more", () => {
    fc.assert(
      fc.property(share, share, above1, fc.integer({ min: 1, max: 30 }), (one, other, oddsRatio, of) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        close(expected(oddsRatio, of, high, high), 1, 1e-6);
        assert.ok(expected(oddsRatio, of, low, high) <= 1 + 1e-6);
        assert.ok(expected(1 / oddsRatio, of, high, low) <= 1 + 1e-6);
      }),
    );
  });

  it("is expected to be no more than 1 for observations between 0 and 1", () => {
    fc.assert(
      fc.property(share, share, share, above1, (value, chance, more, oddsRatio) => {
        // A value with a chance, another one with the rest of it.
        const mean = chance * value + (1 - chance) * more;
        const gain = (hits: number) => Math.exp(logLikelihoodRatio(oddsRatio, { hits, of: 1 }, mean));
        assert.ok(chance * gain(value) + (1 - chance) * gain(more) <= 1 + 1e-9);
      }),
    );
  });
});

describe("a bet on the difference of two shares", () => {
  const expected = (oddsRatio: number, n: number, m: number, p: number, q: number, margin: number, anchor: number) =>
    expectation(n, p, (hits) =>
      expectation(m, q, (misses) =>
        Math.exp(logDifferenceBet(oddsRatio, { hits, of: n }, { hits: misses, of: m }, margin, anchor)),
      ),
    );
  const sizes = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }));
  const margins = fc.double({ min: 0, max: 0.9, noNaN: true });

  for (const { side, atMargin, beyond, exponent } of [
    {
      side: "less",
      atMargin: (q: number, margin: number) => [Math.min(0.999, q + margin), q],
      beyond: ([p, q]: number[], part: number) => [p * part, q],
      exponent: 1,
    },
    {
      side: "more",
      atMargin: (p: number, margin: number) => [p, p - margin],
      beyond: ([p, q]: number[], part: number) => [p, q * part],
      exponent: -1,
    },
  ]) {
    it(`is expected to win nothing if the difference is the margin or ${side}, whatever the shares`, () => {
      fc.assert(
        fc.property(sizes, share, share, share, margins, above1, ([n, m], known, part, anchor, margin, oddsRatio) => {
          const shares = atMargin(known, margin);
          fc.pre(shares[1] > 0);
          for (const [p, q] of [shares, beyond(shares, part)]) {
            assert.ok(expected(oddsRatio ** exponent, n, m, p, q, margin, anchor) <= 1 + 1e-9, `${p} and ${q}`);
          }
        }),
      );
    });
  }

  it("is expected to be what the closed form says", () => {
    // (1 + c (p − p°))ⁿ (1 − d (q − q°))ᵐ, with c and d worked out by hand for an odds ratio of 3 at q° = 0.1, p° = 0.2.
    const c = 2 / 1.4;
    const d = (c * 4) / 8;
    close(expected(3, 4, 8, 0.5, 0.15, 0.1, 0.1), (1 + c * (0.5 - 0.2)) ** 4 * (1 - d * (0.15 - 0.1)) ** 8);
  });

  it("wins where the difference is beyond the margin", () => {
    assert.ok(logDifferenceBet(3, { hits: 60, of: 1000 }, { hits: 10, of: 1000 }, 0.01, 0.01) > 5);
    assert.ok(logDifferenceBet(0.3, { hits: 0, of: 1000 }, { hits: 0, of: 1000 }, 0.01, 0.01) > 5);
  });

  it("is finite where nothing, or everything, fails, and where everything is allowed", () => {
    for (const [oddsRatio, hits, others, margin, anchor] of [
      [50, 10, 0, 0, 0],
      [50, 0, 10, 0, 1],
      [0.01, 10, 0, 0, 0],
      [0.01, 0, 10, 1, 0.5],
      [50, 10, 0, 1, 0.5],
    ]) {
      const bet = logDifferenceBet(oddsRatio, { hits, of: 10 }, { hits: others, of: 10 }, margin, anchor);
      assert.ok(Number.isFinite(bet), `${bet} for ${[oddsRatio, hits, others, margin, anchor]}`);
    }
  });
});

describe("a sequential test", () => {
  const ratios = (alternatives: readonly Alternative[], hits: number, of: number, p: number) =>
    alternatives.map(({ oddsRatio }) => logLikelihoodRatio(oddsRatio, { hits, of }, p));

  it("shares one stake between its alternatives", () => {
    for (const alternatives of [FAR_ABOVE, LITTLE_ABOVE, BELOW]) {
      close(
        alternatives.reduce((sum, { part }) => sum + part, 0),
        1,
      );
    }
    assert.ok([...FAR_ABOVE, ...LITTLE_ABOVE].every(({ oddsRatio }) => oddsRatio > 1));
    assert.ok(BELOW.every(({ oddsRatio }) => oddsRatio < 1));
  });

  it("never has more than one stake in play, however many samples and steps there are", () => {
    const nothing = FAR_ABOVE.map(() => 0);
    let test = afterSample(undefined, 0, nothing);
    close(Math.exp(logStake(test.logs, FAR_ABOVE)), 0.75, 1e-5);
    for (let sample = 1; sample < 5000; sample++) {
      test = afterSample(test, Math.floor(sample / 100), nothing);
    }
    const stake = Math.exp(logStake(test.logs, FAR_ABOVE));
    assert.ok(stake > 0.98 && stake <= 1, String(stake));
  });

  it("is expected to be worth what is in play, after samples of a step and of the next", () => {
    const [p, n] = [0.05, 20];
    const chances = binomial(n, p);
    for (const [step, inPlay] of [
      [0, 0.75 + 0.1 / 2],
      [1, 0.75 + 0.15 / 2],
    ]) {
      let worth = 0;
      chances.forEach((x, first) => {
        const before = afterSample(undefined, 0, ratios(FAR_ABOVE, first, n, p));
        chances.forEach((y, second) => {
          const { logs } = afterSample(before, step, ratios(FAR_ABOVE, second, n, p));
          worth += x * y * Math.exp(logStake(logs, FAR_ABOVE));
        });
      });
      close(worth, inPlay, 1e-5);
    }
  });

  it("disproves at the stated confidence, and not below", () => {
    const only = (log: number) => BELOW.map(() => log);
    assert.equal(isDisproved(only(Math.log(20)), BELOW, 0.95), true);
    assert.equal(isDisproved(only(Math.log(19.99)), BELOW, 0.95), false);
    assert.equal(isDisproved(only(Math.log(99)), BELOW, 0.99), false);
    assert.equal(isDisproved(only(Math.log(1000)), BELOW, 0.999), true);
  });

  it("gives no credit for having been good to what turns bad", () => {
    const good = ratios(FAR_ABOVE, 0, 1000, 0.01);
    const bad = ratios(FAR_ABOVE, 60, 1000, 0.01);
    let test = afterSample(undefined, 0, good);
    for (let sample = 0; sample < 100; sample++) {
      test = afterSample(test, 0, good);
    }
    assert.equal(isDisproved(test.logs, FAR_ABOVE, 0.95), false);
    assert.equal(isDisproved(afterSample(test, 0, bad).logs, FAR_ABOVE, 0.95), true);
    assert.ok(
      logStake(afterSample(test, 1, bad).logs, FAR_ABOVE) > logStake(afterSample(test, 0, bad).logs, FAR_ABOVE),
      "the start of a step has a larger part",
    );
  });

  it("keeps finite numbers, also of what is impossible", () => {
    const { logs } = afterSample(undefined, 0, [-Infinity, -1e12, 5]);
    assert.deepEqual(logs, [-1e6, -1e6, Math.floor((5 + Math.log(0.75)) * 1e6) / 1e6]);
    assert.deepEqual(afterGains(undefined, [1, -Infinity]), [1, -1e6]);
    assert.deepEqual(afterGains([1, 2], [1, 1]), [2, 3]);
  });
});

describe("the confidence sequence of a share", () => {
  it("is everything where nothing was observed", () =>
    assert.deepEqual(shareInterval({ hits: 0, of: 0 }, 0.95), { low: 0, high: 1 }));

  it("ends where the mixture of likelihood ratios is as large as it may be", () => {
    const { low, high } = shareInterval({ hits: 30, of: 1000 }, 0.95);
    const mixture = (p: number, exponent: number) =>
      FAR_ABOVE.reduce((sum, { oddsRatio, part }) => {
        const odds = (oddsRatio ** exponent * p) / (1 - p);
        const other = odds / (1 + odds);
        return sum + part * (other / p) ** 30 * ((1 - other) / (1 - p)) ** 970;
      }, 0);
    close(mixture(low, 1), 40, 1e-4);
    close(mixture(high, -1), 40, 1e-4);
  });

  it("holds the observed share, is narrower with more of the same, and turns with hits and misses", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (of, part) => {
        const hits = Math.round(of * part);
        const [few, many] = [shareInterval({ hits, of }, 0.95), shareInterval({ hits: hits * 10, of: of * 10 }, 0.95)];
        assert.ok(few.low <= hits / of + 1e-9 && hits / of - 1e-9 <= few.high && few.low >= 0 && few.high <= 1);
        assert.ok(many.high - many.low <= few.high - few.low);
        const turned = shareInterval({ hits: of - hits, of }, 0.95);
        close(turned.low, 1 - few.high);
        close(turned.high, 1 - few.low);
        const surer = shareInterval({ hits, of }, 0.99);
        assert.ok(surer.low <= few.low && surer.high >= few.high);
      }),
    );
  });

  it("holds the true share at all times together as often as it says", () => {
    // Exact: the chances of all numbers of hits, sample after sample, without those whose bounds have missed it once.
    for (const [p, n, samples] of [
      [0.01, 100, 40],
      [0.05, 50, 40],
      [0.5, 20, 40],
    ] as const) {
      const drawn = binomial(n, p);
      let chances = [1];
      let missed = 0;
      for (let sample = 1; sample <= samples; sample++) {
        const next = new Array<number>(chances.length + n).fill(0);
        chances.forEach((chance, hits) => drawn.forEach((more, count) => (next[hits + count] += chance * more)));
        chances = next.map((chance, hits) => {
          if (chance < 1e-12) {
            return 0;
          }
          const { low, high } = shareInterval({ hits, of: sample * n }, 0.95);
          const holds = low <= p && p <= high;
          missed += holds ? 0 : chance;
          return holds ? chance : 0;
        });
      }
      assert.ok(missed > 0.001 && missed < 0.05, `${missed} at ${p}`);
    }
  });
});
