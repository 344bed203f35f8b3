import assert from "node:assert/strict";
import { isObject, omitUndefined, replaceWithin, someWithin } from "../../../src/internal/objects";

describe("objects", () => {
  it("have fields, as lists and null have not", () => {
    assert.deepEqual([{}, Object.create(null), new Date(0), [], null, undefined, "a", () => 1].map(isObject), [
      true,
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it("lose fields that are undefined, however deep, and nothing else", () => {
    assert.deepEqual(
      omitUndefined({
        a: undefined,
        b: { c: undefined, d: null },
        e: [{ f: undefined, g: 0 }, undefined],
        h: "",
        i: {},
      }),
      { b: { d: null }, e: [{ g: 0 }, undefined], h: "", i: {} },
    );
    assert.deepEqual(omitUndefined(Object.assign(Object.create(null) as object, { a: undefined, b: 1 })), { b: 1 });
  });

  it("of classes are passed on as they are", () => {
    class Instance {
      constructor(readonly field?: string) {}
    }
    const [instance, date] = [new Instance(), new Date(0)];
    const data = omitUndefined({ instance, date });
    assert.equal(data.instance, instance);
    assert.equal(data.date, date);
  });

  it("are searched at any depth, and values in them are replaced together with all that is in those", () => {
    const data = { a: [1, { b: "x", c: null }], x: { a: "x", b: [] } };
    const isX = (value: unknown) => value === "x";
    const hasField = (value: unknown) => isObject(value) && "c" in value;
    assert.deepEqual(
      replaceWithin(data, (value) => (isX(value) ? "y" : value)),
      { a: [1, { b: "y", c: null }], x: { a: "y", b: [] } },
    );
    assert.deepEqual(
      replaceWithin(data, (value) => (hasField(value) ? "y" : value)),
      { a: [1, "y"], x: { a: "x", b: [] } },
    );
    assert.equal(
      replaceWithin("x", () => undefined),
      undefined,
    );
    assert.deepEqual(
      [data, data.x, "x", [["x"]], data.x.b, null, undefined].map((value) => someWithin(value, isX)),
      [true, true, true, true, false, false, false],
    );
  });
});
