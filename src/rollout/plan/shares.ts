import type { Weights } from "../weights";

/**
 * Every version's share while the target's grows. The target takes its share from the others in proportion to what they
 * had before, in whole percents by the largest remainder, equal remainders to the version that is declared first. A
 * version's share never grows: where the largest remainder alone would have it grow again (with three or more others it
 * can), the percent goes to the next one.
 *
 * @param before The shares before, whole percents with the sum 100.
 * @param schedule The target's shares, ascending, from its share before to 100.
 * @param versions All versions' names in the order in which they are declared. @default the order of the shares
 */
export function sharesBySchedule(
  before: Weights,
  target: string,
  schedule: readonly number[],
  versions: readonly string[] = Object.keys(before),
): Weights[] {
  let last = before;
  const others = versions.filter((version) => version !== target);
  return schedule.map((share) => (last = sharesOf(before, last, target, share, others)));
}

function sharesOf(before: Weights, last: Weights, target: string, share: number, others: readonly string[]): Weights {
  const left = 100 - share;
  const total = 100 - before[target];
  const shares = new Map([
    [target, share],
    ...others.map((version) => [version, total === 0 ? 0 : Math.floor((before[version] * left) / total)] as const),
  ]);
  const assigned = (version: string) => shares.get(version) as number;
  // Compared as whole numbers: what is left of a fraction must not decide who gets a percent.
  const missing = (version: string) => before[version] * left - assigned(version) * total;
  for (let sum = others.reduce((all, version) => all + assigned(version), 0); sum < left; sum++) {
    const next = others
      .filter((version) => assigned(version) < last[version])
      .reduce((best, version) => (missing(version) > missing(best) ? version : best));
    shares.set(next, assigned(next) + 1);
  }
  return Object.fromEntries(Object.keys(before).map((version) => [version, assigned(version)]));
}
