import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { initialize, load, resolve } from "../../../src/render/esModuleHooks";

/** The compiler that is installed, and the old one that Pulumi's SDK brings for programs that install none. */
const COMPILERS = {
  installed: require.resolve("typescript"),
  "that Pulumi brings": join(
    dirname(createRequire(__filename).resolve("@pulumi/pulumi/package.json")),
    "vendor/typescript@3.8.3/typescript.js",
  ),
};

const SOURCE = `import { type } from "./types.js";
class Base { size?: number; constructor() { Object.assign(this, { size: 5 }); } }
class Sized extends Base { declare size: number; own: string = "own"; }
const { size, own } = await Promise.resolve(new Sized());
export default [size, own, new Sized() instanceof Base];
`;

describe("the hooks that compile a program's ES modules", () => {
  let folder: string;
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return pathToFileURL(join(folder, name)).href;
  };
  const load1 = async (url: string) =>
    load(url, { conditions: [], format: undefined, importAttributes: {} } as never, async () => assert.fail(url));

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "canary-hooks-")));
    file("package.json", '{ "type": "module" }');
    file("tsconfig.json", '{ "compilerOptions": { "module": "nodenext", "target": "es2022" } }');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  for (const [name, compiler] of Object.entries(COMPILERS)) {
    it(`make modules that node runs, of classes with fields and an await at the top, by the compiler ${name}`, async () => {
      initialize({ folder, compiler });
      const { format, source } = await load1(file("index.ts", SOURCE.replace(/^import.*\n/, "")));
      assert.equal(format, "module");
      const imported = new Function("url", "return import(url)") as (url: string) => Promise<{ default: unknown }>;
      assert.deepEqual((await imported(`data:text/javascript,${encodeURIComponent(String(source))}`)).default, [
        5,
        "own",
        true,
      ]);
    });
  }

  it("make CommonJS of what is that, and leave what is no TypeScript to others", async () => {
    initialize({ folder, compiler: COMPILERS.installed });
    const { format, source } = await load1(file("part.cts", "export const size: number = 5;"));
    assert.equal(format, "commonjs");
    assert.match(String(source), /exports\.size = 5/);
    for (const url of [file("plain.js", ""), file("types.d.ts", ""), "node:fs"]) {
      await assert.rejects(load1(url), new RegExp(url));
    }
  });

  it("find the source of what is imported by its compiled name, and nothing that is not there", async () => {
    const parentURL = file("index.ts", SOURCE);
    file("types.ts", "");
    const next = async (specifier: string) => {
      if (specifier.endsWith("s")) {
        throw Object.assign(new Error(specifier), { code: "ERR_MODULE_NOT_FOUND" });
      }
      return { url: new URL(specifier, parentURL).href };
    };
    const asked: string[] = [];
    const keeping = async (specifier: string) => {
      asked.push(specifier);
      return specifier.endsWith(".ts") ? { url: new URL(specifier, parentURL).href } : next(specifier);
    };
    const context = { conditions: [], importAttributes: {}, parentURL } as never;
    assert.deepEqual(await resolve("./types.js", context, keeping as never), {
      url: new URL("types.ts", parentURL).href,
    });
    assert.deepEqual(asked, ["./types.js", "./types.ts"]);
    await assert.rejects(async () => resolve("./none.js", context, keeping as never), /\.\/none\.js/);
    await assert.rejects(async () => resolve("package.js", context, keeping as never), /package\.js/);
  });
});
