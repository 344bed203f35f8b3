import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { KNOWN_TO_WORK } from "../../../../src/internal/pulumiSdk/sdkPart";
import { PROJECT_ROOT } from "../../stackConfig";

interface Manifest {
  peerDependencies: Record<string, string>;
}

const MANIFEST = JSON.parse(readFileSync(join(PROJECT_ROOT, "package.json"), "utf8")) as Manifest;
const { include: SHIPPED } = JSON.parse(readFileSync(join(PROJECT_ROOT, "tsconfig.build.json"), "utf8")) as {
  include: string[];
};
const HERE = join("src", "internal", "pulumiSdk");

/** What is public of the SDK: these modules, and of its `runtime` what its documentation describes. */
const PUBLIC_MODULES = ["@pulumi/pulumi", "@pulumi/pulumi/automation", "@pulumi/pulumi/package.json"];
const PUBLIC_OF_RUNTIME = ["MockResourceArgs", "allConfig", "getMonitor", "isDryRun", "serialize"];
/** Names of private members, of marks, and of casts that reach for them. */
const PRIVATE =
  /__pulumi\w+|registerResourceHook|getStore|\.promise\(\)|typeScriptRequireStrings|runInPulumiStack|PulumiCommand & /g;

/** The sources of the shipped folders, by their paths. */
function sources(): ReadonlyMap<string, string> {
  const files = SHIPPED.flatMap((folder) =>
    readdirSync(join(PROJECT_ROOT, folder), { encoding: "utf8", recursive: true }).map((file) => join(folder, file)),
  );
  return new Map(
    files.filter((file) => file.endsWith(".ts")).map((file) => [file, readFileSync(join(PROJECT_ROOT, file), "utf8")]),
  );
}

/** Code without its comments. */
function codeOf(source: string): string {
  return source.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
}

/** What a source has of the SDK that is not public. */
function reachedFor(source: string): string[] {
  const code = codeOf(source);
  const modules = [...code.matchAll(/"(@pulumi\/pulumi(?:\/[^"]*)?)"/g)]
    .map(([, name]) => name)
    .filter((name) => !PUBLIC_MODULES.includes(name));
  const ofRuntime = [...code.matchAll(/\bruntime\.(\w+)/g)]
    .map(([, name]) => name)
    .filter((name) => !PUBLIC_OF_RUNTIME.includes(name));
  return [...modules, ...ofRuntime, ...[...code.matchAll(PRIVATE)].map(([found]) => found)];
}

describe("what is not public of Pulumi's SDK", () => {
  it("is reached for in one place alone", () => {
    const elsewhere = [...sources()].filter(([file]) => !file.startsWith(HERE));
    assert.deepEqual(
      elsewhere.flatMap(([file, source]) => reachedFor(source).map((what) => `${file}: ${what}`)),
      [],
    );
  });

  it("is found by this test where it is", () => {
    const found = [...sources()].filter(([file]) => file.startsWith(HERE)).flatMap(([, source]) => reachedFor(source));
    for (const each of ["setMockOptions", "__pulumiOutput", "registerResourceHook", "PulumiCommand & "]) {
      assert.ok(found.includes(each), `${each} among ${found.join(", ")}`);
    }
    assert.deepEqual(reachedFor('import "@pulumi/pulumi/runtime/rpc";'), ["@pulumi/pulumi/runtime/rpc"]);
    assert.deepEqual(reachedFor('// import "@pulumi/pulumi/runtime/rpc";'), []);
  });

  it("is shipped", () => {
    assert.ok(SHIPPED.some((folder) => HERE.startsWith(join(folder, "/"))));
    assert.deepEqual(
      SHIPPED.filter((folder) => !existsSync(join(PROJECT_ROOT, folder))),
      [],
    );
  });

  it("is known to work from the lowest version that package.json allows", () => {
    assert.equal(MANIFEST.peerDependencies["@pulumi/pulumi"], `^${KNOWN_TO_WORK.oldest}`);
  });
});
