import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { currentPlatform } from "../../../sandbox/tools";
import { ToolError } from "../../../sandbox/tools/errors";
import { goInputs } from "../../../sandbox/tools/go";
import { replaceOnce } from "../../../sandbox/tools/goPatch";
import { kubernetesProvider } from "../../../sandbox/tools/pulumi";

describe("a module that is built from a changed copy", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "patch-test-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is changed where the text stands once, and refused where it does not", () => {
    const file = join(folder, "a.go");
    writeFileSync(file, "x := A{}\ny := B{}\n");
    replaceOnce(file, "A{}", "&A{}");
    assert.equal(readFileSync(file, "utf8"), "x := &A{}\ny := B{}\n");
    for (const [text, times] of [
      ["C{}", 0],
      ["{}", 2],
    ] as const) {
      assert.throws(
        () => replaceOnce(file, text, ""),
        (error: Error) => {
          assert.ok(error instanceof ToolError);
          assert.equal(
            error.message,
            `${file} has "${text}" ${times} times, not once: the patch is for another version.`,
          );
          return true;
        },
      );
    }
  });

  it("makes another program than the same module unchanged", () => {
    const platform = currentPlatform("linux", "x64");
    const { go } = kubernetesProvider(platform);
    assert.ok(go?.patch);
    const changed = goInputs({ ...go, patch: { ...go.patch, change: "something else" } }, platform);
    assert.notDeepEqual(goInputs(go, platform), changed);
    assert.notDeepEqual(goInputs(go, platform), goInputs({ ...go, patch: undefined }, platform));
  });
});
