import assert from "node:assert/strict";
import { readNodeArguments } from "../../../src/render/nodeArguments";

describe("what nodeargs load before a program", () => {
  it("is found in each of the ways in which node takes it", () => {
    assert.deepEqual(
      readNodeArguments(
        " -r a --require=b --import tsx --import=./c.mjs --loader d --experimental-loader=e  --no-warnings",
      ),
      { required: ["a", "b"], imported: ["tsx", "./c.mjs"], loaders: ["d", "e"] },
    );
  });

  it("is nothing where there are none", () => {
    for (const nodeargs of [undefined, "", "--max-old-space-size=4096", "--import", 5]) {
      assert.deepEqual(readNodeArguments(nodeargs), { required: [], imported: [], loaders: [] });
    }
  });
});
