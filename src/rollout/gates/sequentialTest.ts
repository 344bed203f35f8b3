/**
 * What a share is compared with: odds this many times those of the rule, with the part of the stake that is put on it.
 * The parts sum to 1.
 */
export interface Alternative {
  oddsRatio: number;
  part: number;
}

/**
 * Where a share is far above what is allowed if it is above it at all, as failures are: most is put on 2.5 to 8 times
 * as much, so that a hundred requests are enough to tell a bad version.
 */
export const FAR_ABOVE = alternatives([
  [1.003, 0.01],
  [1.01, 0.01],
  [1.03, 0.01],
  [1.1, 0.01],
  [1.2, 0.04],
  [1.35, 0.05],
  [1.6, 0.08],
  [2, 0.1],
  [2.7, 0.13],
  [4, 0.22],
  [6, 0.2],
  [10, 0.08],
  [20, 0.04],
  [50, 0.02],
]);

/** Where it may be little above it: the rule of a comparison has the others' own share in it. */
export const LITTLE_ABOVE = alternatives([
  [1.003, 0.01],
  [1.01, 0.01],
  [1.03, 0.01],
  [1.1, 0.04],
  [1.2, 0.12],
  [1.35, 0.22],
  [1.6, 0.24],
  [2, 0.15],
  [2.7, 0.08],
  [4, 0.05],
  [6, 0.03],
  [10, 0.02],
  [20, 0.01],
  [50, 0.01],
]);

/** The same distances on the other side: below what is allowed. */
export const BELOW = alternatives([
  [0.99, 0.01],
  [0.97, 0.02],
  [0.93, 0.03],
  [0.85, 0.05],
  [0.7, 0.11],
  [0.5, 0.19],
  [0.33, 0.15],
  [0.15, 0.1],
  [0.01, 0.34],
]);

/** How the first stake is shared: between the run's start, the starts of later steps, and all other samples. */
const AT_START = 0.75;
const AT_STEPS = 0.15;
const AT_SAMPLES = 0.1;

/** How the test of a rule stands after some samples. */
export interface SequentialTest {
  /** The step of the last sample. */
  step: number;
  /** In how many steps samples were taken. */
  steps: number;
  /** How many samples were taken that did not begin a step. */
  samples: number;
  /** For each alternative the logarithm of what all stakes on it have become. */
  logs: readonly number[];
}

/**
 * The test after one more sample. It is a mixture of test martingales, and so one itself (H. Robbins, Annals of
 * Mathematical Statistics 41 (1970), 1397–1409; S. R. Howard, A. Ramdas, J. McAuliffe and J. Sekhon, Annals of
 * Statistics 49 (2021), 1055–1080): over alternatives, because nobody knows how bad a bad version is, and over the time
 * when it becomes bad. Each sample begins a martingale anew with a part of the stake, the first one of a step with a
 * larger part: a version that was good for an hour has no credit for the next one.
 *
 * @param gains What the sample makes of a stake on each alternative, as a logarithm.
 */
export function afterSample(test: SequentialTest | undefined, step: number, gains: readonly number[]): SequentialTest {
  const { steps, samples } =
    test === undefined
      ? { steps: 1, samples: 0 }
      : test.step === step
        ? { steps: test.steps, samples: test.samples + 1 }
        : { steps: test.steps + 1, samples: test.samples };
  const fresh =
    test === undefined
      ? AT_START
      : test.step === step
        ? AT_SAMPLES / (samples * (samples + 1))
        : AT_STEPS / (steps * (steps - 1));
  return { step, steps, samples, logs: gains.map((gain, at) => kept(logSum(test?.logs[at], Math.log(fresh)) + gain)) };
}

/** What one stake of 1 on each alternative, of the beginning, has become after one more sample. */
export function afterGains(logs: readonly number[] | undefined, gains: readonly number[]): number[] {
  return gains.map((gain, at) => kept((logs?.[at] ?? 0) + gain));
}

/**
 * Whether the rule is disproved: the stakes together have become 1/(1 − confidence) times what they were. If the rule
 * holds, the chance that they ever do, at whatever time one looks, is at most 1 − confidence (J. Ville's inequality).
 */
export function isDisproved(
  logs: readonly number[],
  alternatives: readonly Alternative[],
  confidence: number,
): boolean {
  return logStake(logs, alternatives) >= -Math.log1p(-confidence);
}

/** The logarithm of what all stakes together have become. */
export function logStake(logs: readonly number[], alternatives: readonly Alternative[]): number {
  return logs.map((log, at) => log + Math.log(alternatives[at].part)).reduce(logSum, -Infinity);
}

function logSum(a = -Infinity, b = -Infinity): number {
  const [low, high] = a < b ? [a, b] : [b, a];
  return high === -Infinity ? high : high + Math.log1p(Math.exp(low - high));
}

/** As a journal keeps it: finite, in few digits, and never rounded up. */
function kept(log: number): number {
  return Math.max(-1e6, Math.floor(log * 1e6) / 1e6);
}

function alternatives(parts: readonly [oddsRatio: number, part: number][]): readonly Alternative[] {
  return parts.map(([oddsRatio, part]) => ({ oddsRatio, part }));
}
