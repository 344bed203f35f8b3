/**
 * The quantile of the standard normal distribution: the number that a draw stays below with this probability.
 * Rational approximations by P. J. Acklam, with one step of Halley's method, exact to about 1e-15.
 *
 * @param probability Between 0 and 1, both excluded.
 */
export function normalQuantile(probability: number): number {
  if (!(probability > 0 && probability < 1)) {
    throw new RangeError(`The probability is ${probability}; a number between 0 and 1 is needed.`);
  }
  // The right half by symmetry: the error function keeps its digits in the left tail only.
  return probability > 0.5 ? -leftQuantile(1 - probability) : leftQuantile(probability);
}

const TAIL = 0.02425;

function leftQuantile(probability: number): number {
  const first = probability < TAIL ? inTail(probability) : inMiddle(probability);
  const error = normalDistribution(first) - probability;
  const step = error * Math.sqrt(2 * Math.PI) * Math.exp((first * first) / 2);
  return first - step / (1 + (first * step) / 2);
}

function inTail(probability: number): number {
  const q = Math.sqrt(-2 * Math.log(probability));
  const above = polynomial(
    q,
    [
      -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
      2.938163982698783,
    ],
  );
  return above / polynomial(q, [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1]);
}

function inMiddle(probability: number): number {
  const q = probability - 0.5;
  const r = q * q;
  const above = polynomial(
    r,
    [
      -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
      2.506628277459239,
    ],
  );
  return (
    (above * q) /
    polynomial(
      r,
      [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1],
    )
  );
}

/** Coefficients from the highest power down. */
function polynomial(x: number, coefficients: readonly number[]): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

/** The probability that a draw is at most x, for x ≤ 0. A series near 0, a continued fraction in the tail. */
export function normalDistribution(x: number): number {
  if (x > 0) {
    return 1 - normalDistribution(-x);
  }
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (x > -3) {
    let sum = x;
    for (let term = x, index = 1; Math.abs(term) > Math.abs(sum) * 1e-17 && index < 200; index++) {
      term *= (x * x) / (2 * index + 1);
      sum += term;
    }
    return 0.5 + density * sum;
  }
  let fraction = 0;
  for (let level = 100; level > 0; level--) {
    fraction = level / (-x + fraction);
  }
  return density / (-x + fraction);
}
