import assert from "node:assert/strict";
import fc from "fast-check";
import { differences } from "../../../src/preview/change/differences";

describe("what differs in two values", () => {
  const cases: [string, unknown, unknown, [string, unknown, unknown][]][] = [
    ["nothing", { a: [1] }, { a: [1] }, []],
    ["a field", { spec: { timeout: "5s" } }, { spec: { timeout: "10s" } }, [["spec.timeout", "5s", "10s"]]],
    ["a field that comes", { a: 1 }, { a: 1, b: 2 }, [["b", undefined, 2]]],
    ["a field that goes", { a: 1, b: 2 }, { a: 1 }, [["b", 2, undefined]]],
    ["an element by its place", { http: [{ w: 1 }, { w: 2 }] }, { http: [{ w: 1 }, { w: 3 }] }, [["http[1].w", 2, 3]]],
    [
      "an element by its name, wherever it stands",
      { c: [{ name: "a", i: 1 }, { name: "b" }] },
      { c: [{ name: "b" }, { name: "a", i: 2 }] },
      [["c[a].i", 1, 2]],
    ],
    ["another type", { a: [1] }, { a: { 0: 1 } }, [["a", [1], { 0: 1 }]]],
    ["null and an object", { a: null }, { a: {} }, [["a", null, {}]]],
    ["the whole", 1, 2, [["", 1, 2]]],
  ];
  for (const [name, before, after, expected] of cases) {
    it(`is ${name}`, () =>
      assert.deepEqual(
        differences(before, after).map((found) => [found.path, found.before, found.after]),
        expected,
      ));
  }

  it("is empty for equal values and for no others", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        assert.deepEqual(differences(one, structuredClone(one)), []);
        assert.equal(
          differences(one, other).length === 0,
          JSON.stringify(one) === JSON.stringify(other) || isSame(one, other),
        );
      }),
    );
  });
});

function isSame(one: unknown, other: unknown): boolean {
  try {
    assert.deepStrictEqual(one, other);
    return true;
  } catch {
    return false;
  }
}
