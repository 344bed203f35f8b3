import assert from "node:assert/strict";
import { checkKnown, checkObject } from "../../../src/validation/kinds";
import { shown } from "../../../src/validation/problem";
import { UNKNOWN } from "../../../src/validation/unknown";
import { assertProblems, problemsOf } from "../problems";

describe("a value of one kind", () => {
  it("is an object with fields of any name where one is asked for", () => {
    const check = (value: unknown) => {
      let goOn: boolean | undefined;
      const problems = problemsOf(
        (findings) => void (goOn = checkObject(value, findings, "an object of labels")),
        "labels",
      );
      return { goOn, problems };
    };
    for (const value of [{}, { "a/b": 1 }, Object.create(null)]) {
      assert.deepEqual(check(value), { goOn: true, problems: [] });
    }
    assert.deepEqual(check(UNKNOWN), { goOn: false, problems: [] });
    for (const value of [null, undefined, 5, "a", [], ["a"], true]) {
      assertProblems(check(value).problems, [["labels", `is ${shown(value)}`, "an object of labels is needed"]]);
      assert.equal(check(value).goOn, false);
    }
  });

  it("is known from the start where resources are named after it", () => {
    for (const value of ["v1", "", null, undefined]) {
      assertProblems(
        problemsOf((findings) => assert.ok(checkKnown(value, findings))),
        [],
      );
    }
    const problems = problemsOf((findings) => assert.ok(!checkKnown(UNKNOWN, findings)), "appName");
    assertProblems(problems, [["appName", "is not known yet", "a plain value is needed, not an Output"]]);
  });
});
