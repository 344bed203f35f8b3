import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { PROJECT_ROOT } from "../../../demo/programStack";

/** What a process has loaded of Pulumi's SDK after it required a module of this repository. */
function loadedOfSdk(module: string): string[] {
  const program = `require(${JSON.stringify(module)}); console.log(JSON.stringify(Object.keys(require.cache).filter((file) => /node_modules.@pulumi/.test(file))))`;
  return JSON.parse(
    execFileSync(process.execPath, ["--require", "tsx/cjs", "--eval", program], {
      cwd: PROJECT_ROOT,
      encoding: "utf8",
    }),
  ) as string[];
}

describe("Pulumi's SDK, half of the time and memory of whoever loads it,", () => {
  for (const module of ["./src/cli/run", "./src/rollout"]) {
    it(`is not loaded by ${module}`, () => assert.deepEqual(loadedOfSdk(module), []));
  }

  it("is loaded by the component", () => assert.notDeepEqual(loadedOfSdk("./components"), []));
});
