import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { PROJECT_ROOT } from "../../demo/programStack";
import { packed } from "./support/installedPackage";

const run = promisify(execFile);

/** What a consumer does, after its imports: makes an app against recorded resources, and plans a rollout's settings. */
const USE = `
const registered = [];
pulumi.runtime.setMocks({
  newResource: ({ type, name, inputs }) => {
    registered.push(type);
    return { id: name + "-id", state: inputs };
  },
  call: ({ inputs }) => inputs,
});
const app = new CanaryApp("shop", {
  versions: [
    { name: "v1", image: "shop:1" },
    { name: "v2", image: "shop:2" },
  ],
  weight: 25,
  mesh: { install: false, gateway: { address: "203.0.113.7" } },
});
app.weights.apply((weights) => console.log(JSON.stringify({ weights, isFunction: typeof startRollout === "function" })));
`;

const TYPED = `import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, type CanaryAppArgs } from "canary-app";
import { type RolloutSettings, startRollout } from "canary-app/rollout";

export const settings: RolloutSettings = { steps: [10], hold: "1m" };
export const given: CanaryAppArgs["weight"] = 25;
${USE.replace("const registered = [];", "const registered: string[] = [];")}`;

const ESM = `import * as pulumi from "@pulumi/pulumi";
import { CanaryApp } from "canary-app";
import { startRollout } from "canary-app/rollout";
${USE}`;

const COMMONJS = `const pulumi = require("@pulumi/pulumi");
const { CanaryApp } = require("canary-app");
const { startRollout } = require("canary-app/rollout");
${USE}`;

/** What it prints. */
const PRINTED = { weights: { v1: 75, v2: 25 }, isFunction: true };

const STRICT = { strict: true, target: "es2022", skipLibCheck: false, types: ["node"], outDir: "out" };

describe("the package in a consumer's project, as npm installs it", function () {
  this.timeout("10m");
  let project: string;

  before(async () => {
    project = await mkdtemp(join(tmpdir(), "canary-consumers-"));
    const own = JSON.parse(await readFile(join(PROJECT_ROOT, "package.json"), "utf8")) as {
      devDependencies: Record<string, string>;
    };
    const versions = ["@pulumi/pulumi", "@pulumi/kubernetes", "typescript", "@types/node"].map(
      (name) => `${name}@${own.devDependencies[name]}`,
    );
    await writeFile(join(project, "package.json"), JSON.stringify({ name: "consumers", private: true }));
    await run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", await packed(), ...versions], {
      cwd: project,
    });
  });

  after(() => rm(project, { recursive: true, force: true }));

  /** Writes a consumer's files, in a folder of its own. */
  async function consumer(name: string, files: Readonly<Record<string, unknown>>): Promise<string> {
    const folder = join(project, name);
    await mkdir(folder);
    for (const [file, content] of Object.entries(files)) {
      await writeFile(join(folder, file), typeof content === "string" ? content : JSON.stringify(content));
    }
    return folder;
  }

  async function typeChecked(folder: string, ...args: string[]): Promise<void> {
    await run(process.execPath, [join(project, "node_modules/typescript/bin/tsc"), "-p", folder, ...args]).catch(
      ({ stdout }: { stdout: string }) => assert.fail(stdout),
    );
  }

  async function prints(file: string): Promise<void> {
    const { stdout } = await run(process.execPath, [file]);
    assert.deepEqual(JSON.parse(stdout), PRINTED);
  }

  it("of CommonJS in TypeScript, with the resolution of node10", async () => {
    const compilerOptions = { ...STRICT, module: "commonjs", moduleResolution: "node10" };
    const folder = await consumer("node10", { "index.ts": TYPED, "tsconfig.json": { compilerOptions } });
    await typeChecked(folder);
    await prints(join(folder, "out/index.js"));
  });

  for (const type of ["commonjs", "module"]) {
    it(`of type ${type} in TypeScript, with the resolution of node16`, async () => {
      const compilerOptions = { ...STRICT, module: "node16", moduleResolution: "node16" };
      const folder = await consumer(`node16-${type}`, {
        "package.json": { type },
        "index.ts": TYPED,
        "tsconfig.json": { compilerOptions },
      });
      await typeChecked(folder);
      await prints(join(folder, "out/index.js"));
    });
  }

  it("of plain JavaScript", async () => {
    const folder = await consumer("javascript", { "index.js": COMMONJS, "index.mjs": ESM });
    await prints(join(folder, "index.js"));
    await prints(join(folder, "index.mjs"));
  });

  it("that is bundled", async () => {
    const compilerOptions = { ...STRICT, module: "esnext", moduleResolution: "bundler" };
    const folder = await consumer("bundler", { "index.ts": TYPED, "tsconfig.json": { compilerOptions } });
    await typeChecked(folder, "--noEmit");
    const outfile = join(folder, "bundle.js");
    const external = ["@pulumi/*"]; // which keep state in modules: one copy of each is needed
    await build({ entryPoints: [join(folder, "index.ts")], bundle: true, platform: "node", external, outfile });
    await prints(outfile);
  });

  it("of ES modules in TypeScript, whose program canary render runs", async () => {
    const compilerOptions = { ...STRICT, module: "nodenext", moduleResolution: "nodenext" };
    const folder = await consumer("program", {
      "package.json": { type: "module" },
      "tsconfig.json": { compilerOptions },
      "Pulumi.yaml": "name: shop\nruntime: nodejs\n",
      "Pulumi.dev.yaml": "config:\n  shop:weight: 10\n",
      "index.ts": `import * as pulumi from "@pulumi/pulumi";
import { CanaryApp } from "canary-app";
import { Image } from "./image.js";
const weight: number = await Promise.resolve(new pulumi.Config().requireNumber("weight"));
new CanaryApp("shop", {
  versions: [{ name: "v1", image: "shop:1" }, { name: "v2", image: new Image("shop").ref }],
  weight,
  mesh: { install: false },
});
`,
      "image.ts": `import * as pulumi from "@pulumi/pulumi";
export class Image extends pulumi.CustomResource {
  declare readonly ref: pulumi.Output<string>;
  constructor(name: string) { super("docker-build:index:Image", name, { ref: undefined }); }
}
`,
    });
    await typeChecked(folder, "--noEmit");
    const canary = join(project, "node_modules/.bin/canary");
    const { stdout, stderr } = await run(canary, ["render", "--stack", "dev", "--cwd", folder]);
    assert.match(stdout, /image: shop:1\n[^]*image: "\[unknown\]"\n[^]*weight: 90\n[^]*weight: 10\n/);
    assert.match(stderr, /Deployment\.apps shop\/shop-v2: spec\.template\.spec\.containers\[0\]\.image/);
  });

  it("needs nothing that is not declared, and says what its types are", async () => {
    const bin = (name: string) => join(PROJECT_ROOT, "node_modules/.bin", name);
    await run(bin("publint"), ["--strict", "--pack", "false", join(project, "node_modules/canary-app")]).catch(
      ({ stdout }: { stdout: string }) => assert.fail(stdout),
    );
    await run(bin("attw"), ["--format", "ascii", await packed()]).catch(({ stdout }: { stdout: string }) =>
      assert.fail(stdout),
    );
  });
});
