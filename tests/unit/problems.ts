import assert from "node:assert/strict";
import { Findings, type Problem, ValidationError } from "../../src/validation/problem";

/** A mistake as a table states it: its path, and pieces of its message, all of which must be there. */
export type Expected = readonly [path: string, ...pieces: string[]];

/** What a check records, with paths that start with `path`. */
export function problemsOf(check: (findings: Findings) => void, path = ""): readonly Problem[] {
  const findings = Findings.at(path);
  check(findings);
  return findings.all();
}

/** Fails unless the mistakes are exactly the expected ones, in their order. */
export function assertProblems(actual: readonly Problem[], expected: readonly Expected[]): void {
  const told = actual.map(({ path, what, allowed }) => `${path} ${what}; ${allowed}`);
  assert.deepEqual(
    actual.map(({ path }) => path),
    expected.map(([path]) => path),
    `the paths of:\n${told.join("\n")}`,
  );
  expected.forEach(([, ...pieces], index) => {
    for (const piece of pieces) {
      assert.ok(told[index].includes(piece), `"${piece}" in: ${told[index]}`);
    }
  });
}

/** The ValidationError that an action throws; fails if it throws none, or anything else. */
export function refusalOf(action: () => unknown): ValidationError {
  try {
    action();
  } catch (error) {
    assert.ok(
      error instanceof ValidationError,
      `a ValidationError instead of ${error instanceof Error ? error.stack : String(error)}`,
    );
    return error;
  }
  assert.fail("nothing was refused");
}
