/** The number of tests by result. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The counts of something that could not be run to its end. */
export const BROKEN: Counts = { passed: 0, failed: 1, skipped: 0 };

/** All of them together. */
export function sum(counts: readonly Counts[]): Counts {
  const of = (what: keyof Counts) => counts.reduce((total, each) => total + each[what], 0);
  return { passed: of("passed"), failed: of("failed"), skipped: of("skipped") };
}

/** As a line for people and for scripts: `N passed, N failed, N skipped`. */
export function told({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
