import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const ROOT = join(__dirname, "../../../..");
const SEEN = "Object.keys(require.cache).filter((file) => /typescript.lib|npmcli.arborist/.test(file)).length";

/** What a process prints as JSON that loads the SDK, lazily or not, and then evaluates something with it. */
async function inProcess(isLazy: boolean, expression: string): Promise<unknown> {
  const script = `
    const load = require("node:module").createRequire(${JSON.stringify(join(ROOT, "package.json"))});
    if (${isLazy}) require("./src/internal/pulumiSdk/lazyPackages").loadSeldomUsedLazily(load);
    const sdk = load("@pulumi/pulumi");
    load("@pulumi/kubernetes");
    load("@pulumi/pulumi/automation");
    (async () => ${expression})().then((found) => console.log(JSON.stringify(found)));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--require", "tsx/cjs", "--eval", script], {
    cwd: ROOT,
  });
  return JSON.parse(stdout);
}

describe("packages that Pulumi's SDK seldom uses", function () {
  this.timeout("1m");

  it("are not loaded with it", async () => {
    const stoodInFor = ["typescript", "@npmcli/arborist"].length;
    assert.ok(((await inProcess(false, SEEN)) as number) > 20, "the SDK loads them by itself");
    assert.equal(await inProcess(true, SEEN), stoodInFor);
  });

  const uses: [what: string, expression: string][] = [
    ["functions are serialized", "(({ by }) => sdk.runtime.serializeFunction((n) => n + by))({ by: 3 })"],
    ["a serialized function's packages are found", "[...(await sdk.runtime.computeCodePaths()).keys()]"],
    ["a program compiles", "load('typescript').transpile('const n: number = 1;')"],
    ["a program looks at all that there is", "Object.keys(load('typescript')).length"],
    ["a program asks what there is", "['Arborist', 'nothing'].map((name) => name in load('@npmcli/arborist'))"],
    ["a program makes one", "new (load('@npmcli/arborist'))({ path: '.' }).constructor.name"],
    ["a program imports the default", "(await import('typescript')).default.version"],
  ];
  for (const [what, expression] of uses) {
    it(`do what they do by themselves: ${what}`, async () => {
      const [lazy, plain] = await Promise.all([inProcess(true, expression), inProcess(false, expression)]);
      assert.deepEqual(lazy, plain);
      assert.notEqual(plain ?? undefined, undefined);
    });
  }

  it("are what they were where they are loaded already, and nothing where there is no SDK", async () => {
    assert.deepEqual(
      await inProcess(
        false,
        `(() => {
          const before = load("typescript");
          const { loadSeldomUsedLazily } = require("./src/internal/pulumiSdk/lazyPackages");
          loadSeldomUsedLazily(load);
          loadSeldomUsedLazily(require("node:module").createRequire("/nowhere/package.json"));
          return before === load("typescript");
        })()`,
      ),
      true,
    );
  });
});
