import assert from "node:assert/strict";
import { relative } from "node:path";
import { PROJECT_ROOT } from "../../../demo/programStack";
import { unitFiles } from "../../run/unitFiles";

describe("the unit tests' files, dealt out to processes", () => {
  it("are all there, each once, about as many for each", () => {
    const [all] = unitFiles(1);
    const [one, other] = unitFiles(2);
    assert.ok(all.includes(relative(PROJECT_ROOT, __filename)));
    assert.deepEqual([...one, ...other].sort(), all);
    assert.ok(Math.abs(one.length - other.length) <= 1);
  });
});
