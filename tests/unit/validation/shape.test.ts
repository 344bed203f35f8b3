import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  type Check,
  atLeastOneOf,
  atMostOneOf,
  entries,
  exactlyOneOf,
  list,
  needs,
  plain,
  required,
  shape,
} from "../../../src/validation/shape";
import { UNKNOWN } from "../../../src/validation/unknown";
import { integer, text } from "../../../src/validation/values";
import { anything, roughly } from "../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../problems";

type Row = [name: string, value: unknown, problems: Expected[]];

function table(check: Check, rows: readonly Row[]): void {
  for (const [name, value, problems] of rows) {
    it(`${name}: ${problems.length === 0 ? "sound" : "refused"}`, () =>
      assertProblems(
        problemsOf((findings) => check(value, findings), "a"),
        problems,
      ));
  }
}

describe("the shape of an object", () => {
  const pair: Check = (value, findings) => {
    const { low } = value as { low?: unknown }; // which may not be known yet
    if (typeof low === "number" && low > 5) {
      findings.add("is too much together", "less is needed");
    }
  };
  table(shape({ low: integer(0, 9, "a number from 0 to 9"), name: required(text("a name"), "a name") }, pair), [
    ["all fields", { low: 1, name: "x" }, []],
    ["a field left out", { name: "x" }, []],
    ["a field that is undefined", { low: undefined, name: "x" }, []],
    ["fields that are not known yet", { low: UNKNOWN, name: UNKNOWN }, []],
    ["all of it not known yet", UNKNOWN, []],
    ["a required field left out", {}, [["a.name", "is missing", "a name is needed"]]],
    ["a required field that is undefined", { name: undefined }, [["a.name", "is missing"]]],
    ["a required field that is inherited", Object.create({ name: "x" }), [["a.name", "is missing"]]],
    [
      "a field of no such name",
      { name: "x", lo: 1 },
      [["a.lo", "is an unknown argument", "expected one of low, name"]],
    ],
    [
      "a prototype",
      JSON.parse('{"name": "x", "__proto__": 1}'),
      [["a.__proto__", "is a name that JavaScript reserves"]],
    ],
    ["a wrong field", { low: 10, name: "x" }, [["a.low", "is 10", "from 0 to 9"]]],
    ["fields that do not go together", { low: 6, name: "x" }, [["a", "is too much together"]]],
    [
      "fields that are wrong already are not looked at together",
      { low: 10, name: "x", more: 1 },
      [["a.more"], ["a.low"]],
    ],
    ["null", null, [["a", "is null", "an object with fields out of low, name is needed"]]],
    ["a list", [], [["a", "is []"]]],
    ["a text", "low", [["a", 'is "low"']]],
    ["nothing", undefined, [["a", "is undefined"]]],
  ]);
});

describe("a value that must be known from the start", () => {
  const PLAIN = "a plain value is needed, not an Output";
  table(
    shape({ name: required(plain(text("a name")), "a name"), more: list(plain(text("a text")), "a list of texts") }),
    [
      ["known", { name: "x", more: ["y"] }, []],
      [
        "known and wrong",
        { name: "", more: [5] },
        [
          ["a.name", 'is ""'],
          ["a.more[0]", "is 5"],
        ],
      ],
      ["not known yet", { name: UNKNOWN }, [["a.name", "is not known yet", PLAIN]]],
      ["in a list, not known yet", { name: "x", more: ["y", UNKNOWN] }, [["a.more[1]", "is not known yet", PLAIN]]],
      ["left out", {}, [["a.name", "is missing"]]],
    ],
  );
  table(plain(required(text("a name"), "a name")), [
    ["by itself, not known yet", UNKNOWN, [["a", "is not known yet", PLAIN]]],
  ]);
});

describe("a list", () => {
  table(list(text("a host"), "a list of hosts", 1), [
    ["one", ["x"], []],
    ["elements that are not known yet", ["x", UNKNOWN], []],
    ["all of it not known yet", UNKNOWN, []],
    ["too few", [], [["a", "is []", "a list of hosts with at least 1 is needed"]]],
    ["no list", "x", [["a", 'is "x"', "a list of hosts"]]],
    ["a wrong element", ["x", 5], [["a[1]", "is 5", "a host is needed"]]],
    ["a hole", [, "x"], [["a[0]", "is undefined"]]],
    ["two wrong elements", ["", null], [["a[0]"], ["a[1]"]]],
  ]);
  table(list(text("a host"), "a list of hosts"), [
    ["none where none is enough", [], []],
    ["no list at all", null, [["a", "is null", "a list of hosts is needed"]]],
  ]);
});

describe("an object with names of someone's choosing", () => {
  const upper: Check = (name, findings) => {
    if (String(name) !== String(name).toLowerCase()) {
      findings.add("is in upper case", "lower case is needed");
    }
  };
  table(entries("an object of texts by names", text("a text"), upper), [
    ["none", {}, []],
    ["some", { x: "y", z: UNKNOWN }, []],
    ["all of it not known yet", UNKNOWN, []],
    ["a wrong value", { x: 5 }, [["a.x", "is 5", "a text is needed"]]],
    ["a wrong name", { X: "y" }, [["a.X", "is in upper case"]]],
    ["no value", { x: undefined }, [["a.x", "is undefined", "leave the name out"]]],
    ["a list", ["y"], [["a", 'is ["y"]', "an object of texts by names is needed"]]],
    ["null", null, [["a", "is null"]]],
  ]);
});

describe("what holds between fields", () => {
  const rules: [name: string, rule: Check, rows: Row[]][] = [
    [
      "exactly one",
      exactlyOneOf("x", "y"),
      [
        ["one", { x: 1 }, []],
        ["one that is not known yet", { y: UNKNOWN }, []],
        ["one and an undefined one", { x: 1, y: undefined }, []],
        ["none", { z: 1 }, [["a", "has none of x, y", "exactly one"]]],
        ["both", { x: 1, y: UNKNOWN }, [["a", "has x and y", "exactly one"]]],
      ],
    ],
    [
      "at most one",
      atMostOneOf("x", "y"),
      [
        ["none", {}, []],
        ["one", { y: 1 }, []],
        ["both", { x: 1, y: 2 }, [["a", "has x and y", "only one of x, y"]]],
      ],
    ],
    [
      "at least one",
      atLeastOneOf("x", "y"),
      [
        ["one", { x: 1 }, []],
        ["both", { x: 1, y: 1 }, []],
        ["none", { z: 1 }, [["a", "sets nothing", "at least one of x, y"]]],
        ["one that is undefined", { x: undefined }, [["a", "sets nothing"]]],
        ["one that is inherited", Object.create({ x: 1 }), [["a", "sets nothing"]]],
      ],
    ],
    [
      "one that needs another",
      needs("x", "y"),
      [
        ["neither", {}, []],
        ["the other alone", { y: 1 }, []],
        ["both", { x: 1, y: UNKNOWN }, []],
        ["it alone", { x: 1 }, [["a.x", "is set without y", "needs y"]]],
      ],
    ],
  ];
  for (const [name, rule, rows] of rules) {
    describe(name, () => table(rule, rows));
  }
});

describe("a composed check", () => {
  it("never throws, whatever it is given", () => {
    const inner = shape(
      { x: text("x"), y: list(entries("y", integer(0, 1, "y")), "y", 1) },
      exactlyOneOf("x", "y"),
      needs("x", "y"),
    );
    const outer = shape(
      { one: inner, more: required(list(inner, "more"), "more") },
      atMostOneOf("one", "more"),
      atLeastOneOf("one"),
    );
    const given = roughly({ x: fc.string(), y: fc.array(fc.dictionary(fc.string(), anything()), { maxLength: 2 }) });
    fc.assert(
      fc.property(fc.oneof(roughly({ one: given, more: fc.array(given, { maxLength: 2 }) }), anything()), (value) => {
        assert.ok(Array.isArray(problemsOf((findings) => outer(value, findings))));
      }),
      { numRuns: 300 },
    );
  });
});
