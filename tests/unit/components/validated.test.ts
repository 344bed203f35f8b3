import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parsed, validated } from "../../../components/validated";
import { checkPort } from "../../../src/validation/numbers";
import { type Findings, ValidationError } from "../../../src/validation/problem";

/** The value of an Output, or its error. */
function settled<T>(output: pulumi.Output<T>): Promise<T> {
  return (output as unknown as { promise(): Promise<T> }).promise();
}

describe("an argument that is checked when it is known", () => {
  for (const [name, input] of [
    ["a plain value", 80],
    ["an Output", pulumi.output(80)],
    ["a promise", Promise.resolve(80)],
  ] as const) {
    it(`is what it was: ${name}`, async () =>
      assert.equal(await settled(validated("it", "port", input, checkPort)), 80));
  }

  for (const [name, input] of [
    ["a plain value", () => 0],
    ["an Output", () => pulumi.output(0)],
  ] as const) {
    it(`is refused with its subject and path: ${name}`, async () => {
      await assert.rejects(settled(validated('CanaryApp "shop"', "service.port", input(), checkPort)), (error) => {
        assert.ok(error instanceof ValidationError);
        assert.equal(error.subject, 'CanaryApp "shop"');
        assert.deepEqual(error.problems, [
          { path: "service.port", what: "is 0", allowed: "a port from 1 to 65535 is needed" },
        ]);
        return true;
      });
    });
  }
});

describe("an argument that is read when it is known", () => {
  /** Text for a number; nothing for 0. */
  const inWords = (value: number, findings: Findings) => {
    if (value < 0) {
      findings.add(`is ${value}`, "0 or more is needed");
    }
    return value === 0 ? undefined : `${value} seconds`;
  };

  it("is what it says", async () =>
    assert.equal(await settled(parsed("it", "time", pulumi.output(3), inWords)), "3 seconds"));

  it("is refused if a mistake was found, whatever else it says", async () => {
    await assert.rejects(settled(parsed("it", "time", -1, inWords)), (error) => {
      assert.ok(error instanceof ValidationError);
      assert.deepEqual(error.problems, [{ path: "time", what: "is -1", allowed: "0 or more is needed" }]);
      return true;
    });
  });

  it("fails if it says nothing and no mistake was found", async () => {
    await assert.rejects(
      settled(parsed("it", "time", 0, inWords)),
      /^Error: it: time was neither understood nor refused$/,
    );
  });
});
