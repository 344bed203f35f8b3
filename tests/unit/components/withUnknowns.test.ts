import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as fc from "fast-check";
import { withUnknowns } from "../../../components/withUnknowns";
import { UNKNOWN } from "../../../src/validation/unknown";

describe("arguments as the checks see them", () => {
  it("have a mark in place of every Output and promise, however deep", () => {
    const args = {
      weight: pulumi.output(25),
      weights: { v1: 75, v2: Promise.resolve(25) },
      routes: [{ match: [{ uri: { exact: pulumi.secret("/a") } }] }, pulumi.output({})],
    };
    assert.deepEqual(withUnknowns(args), {
      weight: UNKNOWN,
      weights: { v1: 75, v2: UNKNOWN },
      routes: [{ match: [{ uri: { exact: UNKNOWN } }] }, UNKNOWN],
    });
  });

  it("are a mark as a whole if they are an Output", () =>
    assert.equal(withUnknowns(pulumi.output({}) as unknown), UNKNOWN));

  it("are otherwise as they were given, and left untouched", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (args) => {
        const before = structuredClone(args);
        assert.deepEqual(withUnknowns(args), before);
        assert.deepEqual(args, before);
      }),
    );
  });

  it("keep a property with a prototype's name as a property", () => {
    const args = withUnknowns(JSON.parse('{"__proto__": 5}')) as object;
    assert.deepEqual([Object.keys(args), Object.getPrototypeOf(args) === Object.prototype], [["__proto__"], true]);
  });
});
