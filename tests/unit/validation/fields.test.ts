import assert from "node:assert/strict";
import * as fc from "fast-check";
import { checkFields } from "../../../src/validation/fields";
import { UNKNOWN } from "../../../src/validation/unknown";
import { anything } from "../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../problems";

describe("the fields of an object", () => {
  const cases: [name: string, value: unknown, goOn: boolean, problems: Expected[]][] = [
    ["none", {}, true, []],
    ["known ones", { uri: 1, method: undefined }, true, []],
    ["known ones of an object without prototype", Object.assign(Object.create(null), { uri: 1 }), true, []],
    ["a misspelt one", { urii: 1 }, true, [["route.urii", "is no argument", "known there are uri, method"]]],
    [
      "two misspelt ones",
      { Uri: 1, "me thod": 1 },
      true,
      [
        ["route.Uri", "is no argument"],
        ['route["me thod"]', "is no argument"],
      ],
    ],
    ["a prototype", JSON.parse('{"__proto__": {}}'), true, [["route.__proto__", "is no argument"]]],
    ["a value that is not known yet", UNKNOWN, false, []],
    ["null", null, false, [["route", "is null", "fields out of uri, method"]]],
    ["nothing at all", undefined, false, [["route", "is undefined"]]],
    ["a text", "uri", false, [["route", 'is "uri"']]],
    ["a number", 5, false, [["route", "is 5"]]],
    ["a list", [{ uri: 1 }], false, [["route", 'is [{"uri":1}]']]],
  ];
  for (const [name, value, goOn, problems] of cases) {
    it(`${name}: ${problems.length === 0 ? "sound" : "refused"}`, () => {
      let answer: boolean | undefined;
      assertProblems(
        problemsOf((findings) => void (answer = checkFields(value, ["uri", "method"], findings)), "route"),
        problems,
      );
      assert.equal(answer, goOn);
    });
  }

  it("can be looked at further only if it is an object", () => {
    fc.assert(
      fc.property(anything(), (value) => {
        problemsOf((findings) => {
          const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
          assert.equal(checkFields(value, ["uri"], findings), isObject);
        });
      }),
    );
  });
});
