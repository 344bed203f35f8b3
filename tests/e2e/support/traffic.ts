import assert from "node:assert/strict";
import { type LoadOptions, sendMany } from "../../../demo/load/generator";
import type { Answer } from "../../../demo/load/request";
import { countByVersion, expectedRange, failures } from "../../../demo/load/shares";

/** Waits. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits until an app that was brought up a moment ago answers 200, 30 s at the most. */
export async function untilAnswered(options: LoadOptions): Promise<void> {
  let last: Answer | undefined;
  for (const end = performance.now() + 30_000; performance.now() < end; await pause(100)) {
    [last] = await sendMany(1, { ...options, connections: 1 });
    if (last.status === 200) {
      return;
    }
  }
  assert.fail(`${options.url} did not answer 200 within 30 s, last ${last?.status || last?.error}`);
}

/** Asserts that no request failed, and that each version answered its share within the 99.9% interval; others none. */
export function assertShares(answers: readonly Answer[], asked: Readonly<Record<string, number>>): void {
  assertNoneFailed(answers);
  const counts = countByVersion(answers);
  assert.deepEqual(
    Object.keys(counts).filter((version) => asked[version] === undefined),
    [],
  );
  for (const [version, share] of Object.entries(asked)) {
    const { least, most } = expectedRange(share, answers.length);
    const count = counts[version] ?? 0;
    assert.ok(
      count >= least && count <= most,
      `${version} answered ${count} of ${answers.length}, ${least} to ${most} were expected at ${share}%`,
    );
  }
}

/**
 * Sends requests and asserts their shares as {@link assertShares} does. If only chance can be why a share lies outside,
 * which happens once in a thousand, other requests are asked once more: a wrong share stays outside, and chance alone
 * fails a test once in a million.
 */
export async function assertSharesOf(
  sample: () => Promise<Answer[]>,
  asked: Readonly<Record<string, number>>,
): Promise<void> {
  const first = await sample();
  assertNoneFailed(first);
  try {
    assertShares(first, asked);
  } catch (error) {
    console.log(`      asked once more: ${(error as Error).message}`);
    assertShares(await sample(), asked);
  }
}

/** Fails unless the count lies in the 99.9% interval of its share; a count outside is asked for once more. */
export async function assertCount(share: number, requests: number, count: () => Promise<number>): Promise<void> {
  const { least, most } = expectedRange(share, requests);
  const inside = (found: number) => found >= least && found <= most;
  const first = await count();
  if (!inside(first)) {
    const second = await count();
    assert.ok(
      inside(second),
      `${first}, then ${second} of ${requests}; ${least} to ${most} were expected at ${share}%`,
    );
  }
}

/** Asserts that no request failed. */
export function assertNoneFailed(answers: readonly Answer[], when = ""): void {
  const failed = failures(answers);
  assert.equal(
    failed.length,
    0,
    `${when}${failed.length} of ${answers.length} requests failed, first: ${JSON.stringify(failed[0])}`,
  );
}
