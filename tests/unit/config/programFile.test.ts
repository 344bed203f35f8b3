import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { entryFile, isEsModule } from "../../../src/config/programFile";

describe("the file that Pulumi starts a program with", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "canary-entry-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const cases: [
    name: string,
    packageFile: object,
    files: string[],
    main: string | undefined,
    entry: string | undefined,
  ][] = [
    ["is index.js before index.ts", {}, ["index.ts", "index.js"], undefined, "index.js"],
    ["is index.mjs in a package of ES modules", { type: "module" }, ["index.mjs", "index.ts"], undefined, "index.mjs"],
    ["is no index.mjs in one of CommonJS", {}, ["index.mjs"], undefined, undefined],
    ["is main of package.json", { main: "bin/" }, ["index.js", "bin/index.js"], undefined, "bin/index.js"],
    [
      "is main of Pulumi.yaml first",
      { main: "bin/", exports: "./x.js" },
      ["bin/index.js", "x.js", "p.ts"],
      "p",
      "p.ts",
    ],
    ["is what exports name", { exports: "./x.js" }, ["index.js", "x.js"], undefined, "x.js"],
    [
      "is what exports name by a condition",
      { exports: { ".": { types: "./t.d.ts", import: "./i.mjs", require: "./r.js" } } },
      ["i.mjs", "r.js"],
      undefined,
      "r.js",
    ],
    ["is index where what exports name is not there", { exports: "./x.js" }, ["index.js"], undefined, "index.js"],
  ];
  for (const [name, packageFile, files, main, entry] of cases) {
    it(name, () => {
      writeFileSync(join(folder, "package.json"), JSON.stringify(packageFile));
      for (const file of files) {
        mkdirSync(dirname(join(folder, file)), { recursive: true });
        writeFileSync(join(folder, file), "");
      }
      assert.equal(entryFile(folder, main), entry === undefined ? undefined : join(folder, entry));
    });
  }

  it("is an ES module by its ending, or by the nearest package.json", () => {
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    mkdirSync(join(folder, "common"));
    writeFileSync(join(folder, "common/package.json"), "{}");
    const isModule = (file: string) => isEsModule(join(folder, file));
    assert.deepEqual(["a.js", "deep/a.ts", "common/a.mts", "common/a.mjs"].filter(isModule).length, 4);
    assert.deepEqual(["a.cjs", "a.cts", "common/a.js", "common/a.ts"].filter(isModule), []);
  });
});
