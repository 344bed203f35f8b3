import assert from "node:assert/strict";
import * as fc from "fast-check";
import { Findings, ValidationError, shown } from "../../../src/validation/problem";
import { UNKNOWN } from "../../../src/validation/unknown";
import { anything } from "../arbitraries";

describe("findings", () => {
  const paths: [steps: (string | number)[], start: string, path: string][] = [
    [[], "", "the arguments"],
    [[], "mesh", "mesh"],
    [["weight"], "", "weight"],
    [["weights", "v2"], "", "weights.v2"],
    [["weights", "my-version"], "", "weights.my-version"],
    [["routes", 0, "match", 1, "uri"], "", "routes[0].match[1].uri"],
    [["headers", "x y"], "", 'headers["x y"]'],
    [["weights", "0"], "", 'weights["0"]'],
    [["weight"], "canary-app:", "canary-app:weight"],
    [["versions", 0, "name"], "canary-app:", "canary-app:versions[0].name"],
  ];
  for (const [steps, start, path] of paths) {
    it(`name the path ${path}`, () => {
      const findings = Findings.at(start);
      steps.reduce((at, step) => at.field(step), findings).add("is wrong", "do right");
      assert.deepEqual(findings.all(), [{ path, what: "is wrong", allowed: "do right" }]);
    });
  }

  it("are thrown all together, in the order they were found, one line each", () => {
    const findings = Findings.at();
    findings.field("weight").add("is 101", "a whole number from 0 to 100 is needed");
    findings.field("versions").field(1).add("is null", "an object is needed");
    assert.throws(
      () => findings.field("elsewhere").throwIfAny('CanaryApp "shop"'),
      (error) => {
        assert.ok(error instanceof ValidationError);
        assert.equal(error.name, "ValidationError");
        assert.equal(error.subject, 'CanaryApp "shop"');
        assert.deepEqual(error.problems, findings.all());
        assert.equal(
          error.message,
          [
            'CanaryApp "shop": 2 mistakes; nothing was changed.',
            "  - weight is 101; a whole number from 0 to 100 is needed",
            "  - versions[1] is null; an object is needed",
          ].join("\n"),
        );
        return true;
      },
    );
  });

  it("say 1 mistake of one", () => {
    assert.match(
      new ValidationError("it", [{ path: "a", what: "b", allowed: "c" }]).message,
      /^it: 1 mistake; nothing was changed\.\n {2}- a b; c$/,
    );
  });

  it("are thrown if there is just one", () => {
    const findings = Findings.at();
    findings.field("weight").add("is 101", "less is needed");
    assert.throws(() => findings.throwIfAny("it"), ValidationError);
  });

  it("throw nothing where nothing was found", () => assert.doesNotThrow(() => Findings.at("weight").throwIfAny("it")));
});

describe("a wrong value", () => {
  const values: [value: unknown, text: string][] = [
    [101, "101"],
    [12.5, "12.5"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    ["25", '"25"'],
    ["two\nlines", '"two\\nlines"'],
    [null, "null"],
    [undefined, "undefined"],
    [true, "true"],
    [25n, "25"],
    [[75, 25], "[75,25]"],
    [{ v1: 75 }, '{"v1":75}'],
    [Object.create(null), "{}"],
    [[25n], "[object Array]"],
    [UNKNOWN, "not known yet"],
    ["x".repeat(58), `"${"x".repeat(58)}"`],
    ["x".repeat(59), `"${"x".repeat(56)}…`],
  ];
  for (const [value, text] of values) {
    it(`is shown as ${text}`, () => assert.equal(shown(value), text));
  }

  it("that holds itself is shown all the same", () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    assert.equal(shown(circle), "[object Object]");
  });

  it("is shown in one line of at most 60 characters, whatever it is", () => {
    fc.assert(fc.property(anything(), (value) => assert.match(shown(value), /^.{0,60}$/u)));
  });
});
