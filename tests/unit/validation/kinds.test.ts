import assert from "node:assert/strict";
import * as fc from "fast-check";
import { checkBoolean, checkKnown, checkObject, checkText } from "../../../src/validation/kinds";
import { shown } from "../../../src/validation/problem";
import { UNKNOWN } from "../../../src/validation/unknown";
import { anything } from "../arbitraries";
import { assertProblems, problemsOf } from "../problems";

describe("a value of one kind", () => {
  it("is true or false where a switch is asked for, and no text that reads like it", () => {
    for (const value of [true, false, UNKNOWN]) {
      assertProblems(
        problemsOf((findings) => checkBoolean(value, findings)),
        [],
      );
    }
    for (const value of ["false", "true", "", 0, 1, null, undefined, []]) {
      const problems = problemsOf((findings) => checkBoolean(value, findings), "install");
      assertProblems(problems, [["install", `is ${shown(value)}`, "true or false is needed, without quotes"]]);
    }
  });

  it("is a text that says something where one is asked for", () => {
    for (const value of ["a", " a ", UNKNOWN]) {
      assertProblems(
        problemsOf((findings) => checkText(value, findings, "a path")),
        [],
      );
    }
    for (const value of ["", "  ", "\n", 5, null, undefined, ["a"], true]) {
      assertProblems(
        problemsOf((findings) => checkText(value, findings, "a path"), "uri"),
        [["uri", `is ${shown(value)}`, "a path is needed"]],
      );
    }
  });

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
    assertProblems(problems, [["appName", "is not known yet", "a plain value is needed, no Output"]]);
  });

  it("is either sound or refused, whatever is given", () => {
    fc.assert(
      fc.property(anything(), (value) => {
        const count = (check: Parameters<typeof problemsOf>[0]) => problemsOf(check).length;
        const isText = typeof value === "string" && value.trim() !== "";
        assert.equal(
          count((findings) => checkBoolean(value, findings)),
          typeof value === "boolean" || value === UNKNOWN ? 0 : 1,
        );
        assert.equal(
          count((findings) => checkText(value, findings, "a path")),
          isText || value === UNKNOWN ? 0 : 1,
        );
      }),
    );
  });
});
