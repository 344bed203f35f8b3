import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { CanaryApp } from "../../../components";
import { TWO_VERSIONS, TYPES } from "../recordings";

describe("an app in its user's own unit tests", () => {
  it("works with Pulumi's mocks", async () => {
    const types: string[] = [];
    const newResource = ({ type, name, inputs }: pulumi.runtime.MockResourceArgs) => {
      types.push(type);
      return { id: name, state: inputs };
    };
    await pulumi.runtime.setMocks({ newResource, call: () => ({}) }, "test", "dev");
    const { weights, namespace } = new CanaryApp("shop", TWO_VERSIONS);
    const known = await new Promise((resolve) => pulumi.all([weights, namespace]).apply(resolve));
    assert.deepEqual(known, [{ v1: 75, v2: 25 }, "shop"]);
    await pulumi.runtime.disconnect();
    assert.ok(types.includes(TYPES.virtualService), types.join(", "));
  });
});
