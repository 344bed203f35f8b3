import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { recordProgram } from "../../../src/render/program";
import { render } from "../../../src/render/steps";
import { CompiledCommand } from "../support/compiledCommand";
import { ProgramProject, renderProcess } from "./projects";

const MODULE = { "package.json": '{ "type": "module" }' };
const NODENEXT = JSON.stringify({ compilerOptions: { module: "nodenext", target: "es2022", strict: true } });

/** A program in TypeScript: an await at the top, a module of its own, and what only TypeScript has. */
const TYPESCRIPT = {
  "index.ts": `import { readFile } from "node:fs/promises";
import * as k8s from "@pulumi/kubernetes";
import { type Size, sizeOf } from "./size.js";
enum Key { Size = "size" }
const text: string = await readFile("size.txt", "utf8");
const size: Size = sizeOf(text);
export const map = new k8s.core.v1.ConfigMap("sized", { metadata: { name: "sized" }, data: { [Key.Size]: String(size) } }).metadata.name;
`,
  "size.ts": `export type Size = number;
export class Sized { constructor(readonly size: Size) {} }
export function sizeOf(text: string): Size { return new Sized(Number(text)).size; }
`,
  "size.txt": "5\n",
};

const RENDERED = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: sized\ndata:\n  size: "5"\n';

describe("a program of ES modules", function () {
  this.timeout(120_000);
  const projects: ProgramProject[] = [];
  const project = (files: Readonly<Record<string, string>>): ProgramProject => {
    const made = new ProgramProject(files);
    projects.push(made);
    return made;
  };
  let command: CompiledCommand;
  before(() => (command = new CompiledCommand()));
  after(() => [...projects, command].forEach((each) => each.remove()));

  const sizes = async ({ folder }: ProgramProject): Promise<unknown[]> =>
    render((await recordProgram(folder, "dev", {})).resources).map(({ manifest }) => manifest?.data);

  it("is rendered, with an await at its top", async () => {
    const made = project({
      ...MODULE,
      "index.js": `import * as k8s from "@pulumi/kubernetes";
const size = await Promise.resolve("5");
new k8s.core.v1.ConfigMap("sized", { metadata: { name: "sized" }, data: { size } });`,
    });
    assert.deepEqual(await sizes(made), [{ size: "5" }]);
  });

  it("is run anew for each rendering, with the modules of its own", async () => {
    const made = project({
      ...MODULE,
      "index.js": `import "./made.js";`,
      "made.js": `import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
globalThis.runs = (globalThis.runs ?? 0) + 1;
new ConfigMap("made", { metadata: { name: "made" }, data: { runs: String(globalThis.runs) } });`,
    });
    const script = `const { recordProgram } = require(${JSON.stringify(command.path("src/render/program"))});
(async () => {
  for (let run = 0; run < 3; run++) {
    const { resources } = await recordProgram(${JSON.stringify(made.folder)}, "dev", {});
    console.log(resources.map(({ inputs }) => inputs.data?.runs ?? "-").join(""));
  }
})();`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--eval", script]);
    assert.equal(stdout, "-1\n-2\n-3\n");
  });

  it("is rendered from an .mjs that Pulumi.yaml names, in a package of CommonJS", async () => {
    const made = project({
      "Pulumi.yaml": "name: shop\nruntime: nodejs\nmain: program/main.mjs\n",
      "program/main.mjs": `import * as k8s from "@pulumi/kubernetes";
import { size } from "./size.mjs";
new k8s.core.v1.ConfigMap("sized", { metadata: { name: "sized" }, data: { size } });`,
      "program/size.mjs": `import { readFile } from "node:fs/promises";
export const size = (await readFile("size.txt", "utf8")).trim();`,
      "program/size.txt": "5\n",
    });
    assert.deepEqual(await sizes(made), [{ size: "5" }]);
  });

  it("is rendered if it exports an async function, as one of CommonJS is", async () => {
    const body = `{ new k8s.core.v1.ConfigMap("sized", { metadata: { name: "sized" }, data: { size: await Promise.resolve("5") } }); }`;
    const esModule = project({
      ...MODULE,
      "index.js": `import * as k8s from "@pulumi/kubernetes";\nexport default async () => ${body};`,
    });
    const commonJs = project({
      "index.js": `const k8s = require("@pulumi/kubernetes");\nmodule.exports = async () => ${body};`,
    });
    assert.deepEqual([await sizes(esModule), await sizes(commonJs)], [[{ size: "5" }], [{ size: "5" }]]);
  });

  it("is rendered by the entry that exports of package.json name", async () => {
    const made = project({
      "package.json": '{ "type": "module", "exports": { ".": { "import": "./program.js" } } }',
      "program.js": `import * as k8s from "@pulumi/kubernetes";
new k8s.core.v1.ConfigMap("sized", { metadata: { name: "sized" }, data: { size: "5" } });`,
    });
    assert.deepEqual(await sizes(made), [{ size: "5" }]);
  });

  it("is compiled from TypeScript, with a tsconfig for nodenext and without one", async () => {
    for (const files of [{ "tsconfig.json": NODENEXT }, {}] as Record<string, string>[]) {
      const { code, stdout, stderr } = await renderProcess(command, project({ ...MODULE, ...TYPESCRIPT, ...files }));
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: RENDERED, stderr: "" });
    }
  });

  it("is compiled in the package of CommonJS that has it, too", async () => {
    const made = project({
      "Pulumi.yaml": "name: shop\nruntime: nodejs\nmain: index.mts\n",
      "index.mts": TYPESCRIPT["index.ts"].replace("./size.js", "./size.mjs"),
      "size.mts": TYPESCRIPT["size.ts"],
      "size.txt": "5\n",
    });
    const { code, stdout, stderr } = await renderProcess(command, made);
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: RENDERED, stderr: "" });
  });

  it("that fails says where, in its own words and without a stack trace", async () => {
    const made = project({
      ...MODULE,
      "index.ts": `const size: number = 5;\n\nthrow new Error("no size: " + size);\n`,
    });
    const { code, stdout, stderr } = await renderProcess(command, made);
    assert.deepEqual({ code, stdout, stderr }, { code: 1, stdout: "", stderr: "no size: 5 (index.ts:3)\n" });
  });
});

describe("a project without a program", () => {
  it("is told so, with what to do", async () => {
    const made = new ProgramProject({ "Pulumi.yaml": "name: shop\nruntime: nodejs\nmain: program.js\n" });
    await assert.rejects(
      recordProgram(made.folder, "dev", {}),
      /there is no program at .*program\.js: name its file as `main`/,
    );
    made.remove();
  });
});
