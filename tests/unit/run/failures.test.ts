import * as assert from "node:assert/strict";
import { failureList } from "../../run/failures";

describe("the list of what failed in a run", () => {
  it("is empty where nothing did", () => {
    assert.equal(failureList([{ lane: "core", failed: 0, failures: [] }]), "");
  });

  it("has a test's title and what it threw", () => {
    const failures = [{ test: "an app answers", message: "expected 200\n\n+ 503\n- 200\n" }];
    const expected = "FAILED core: an app answers\n  expected 200\n  \n  + 503\n  - 200\n";
    assert.equal(failureList([{ lane: "core", failed: 1, failures }]), expected);
  });

  it("ends a long message after sixteen lines, and says where it was thrown", () => {
    const message = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`).join("\n");
    const text = failureList([
      { lane: "core", failed: 1, failures: [{ test: "an app answers", message, place: "tests/e2e/a.test.ts:3:5" }] },
    ]);
    assert.deepEqual(text.split("\n").slice(-4), ["  line 15", "  line 16", "  at tests/e2e/a.test.ts:3:5", ""]);
  });

  it("says of tests that are not known by name where to look", () => {
    assert.equal(failureList([{ lane: "Go", failed: 2, failures: [] }]), "FAILED Go: 2 more; see its output above\n");
  });
});
