import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { warmProgramOf } from "../../../../src/rollout/pulumi/warmProgram";

describe("a program that is kept warm", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "canary-program-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function files(contents: Record<string, string>): void {
    for (const [name, text] of Object.entries(contents)) {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  }

  it("is found where node would find it", () => {
    files({ "package.json": '{ "main": "lib/app" }', "lib/app.js": "", "other/index.js": "", "index.js": "" });
    assert.equal(warmProgramOf(folder, { runtime: "nodejs" })?.main, join(folder, "lib/app.js"));
    assert.equal(warmProgramOf(folder, { runtime: "nodejs", main: "other" })?.main, join(folder, "other/index.js"));
    files({ "package.json": "{}" });
    assert.equal(warmProgramOf(folder, { runtime: { name: "nodejs" } })?.main, join(folder, "index.js"));
  });

  it("may be TypeScript that node's arguments compile", () => {
    files({ "index.ts": "" });
    const options = { typescript: false, nodeargs: " --require=sucrase/register/ts  --no-warnings" };
    const expected = {
      main: join(folder, "index.ts"),
      nodeArguments: ["--require=sucrase/register/ts", "--no-warnings"],
    };
    assert.deepEqual(warmProgramOf(folder, { runtime: { name: "nodejs", options }, main: "index.ts" }), expected);
  });

  it("is none where Pulumi has to start it anew: other languages, ES modules, loaders, TypeScript that Pulumi compiles, nothing there", () => {
    assert.equal(warmProgramOf(folder, { runtime: "nodejs" }), undefined);
    files({ "index.ts": "" });
    assert.equal(warmProgramOf(folder, { runtime: "nodejs" }), undefined);
    files({ "index.js": "" });
    assert.notEqual(warmProgramOf(folder, { runtime: "nodejs" }), undefined);
    assert.equal(warmProgramOf(folder, { runtime: "python" }), undefined);
    assert.equal(
      warmProgramOf(folder, { runtime: { name: "nodejs", options: { nodeargs: "--import ./hooks.js" } } }),
      undefined,
    );
    files({ "package.json": '{ "type": "module" }' });
    assert.equal(warmProgramOf(folder, { runtime: "nodejs" }), undefined);
    files({ "package.json": '{ "exports": "./index.js" }' });
    assert.equal(warmProgramOf(folder, { runtime: "nodejs" }), undefined);
  });
});
