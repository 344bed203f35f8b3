import assert from "node:assert/strict";
import { isObject, omitUndefined } from "../../../src/internal/objects";

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
});
