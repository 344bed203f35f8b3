import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Output, Resource } from "@pulumi/pulumi";
import type { PulumiCommand } from "@pulumi/pulumi/automation";
import { withoutNeedlessCalls } from "../../../../src/internal/pulumiSdk/automation";
import { sdkOfProgram } from "../../../../src/internal/pulumiSdk/copies";
import { dependenciesOf } from "../../../../src/internal/pulumiSdk/dependencies";
import { guardInlinePrograms } from "../../../../src/internal/pulumiSdk/inlinePrograms";
import { registered } from "../../../../src/internal/pulumiSdk/registered";
import { typeScriptModules } from "../../../../src/internal/pulumiSdk/typeScript";
import { folderWithSdk, sdkWith } from "./fakeSdk";

/** What each use says to an SDK that has all of this, but no more. */
const RUN = { "runtime/stack": { runInPulumiStack: () => undefined } };

describe("an SDK that is without what is reached for", () => {
  it("is not guarded by half", () => {
    const run = RUN["runtime/stack"].runInPulumiStack;
    assert.throws(
      () => guardInlinePrograms(sdkWith({})),
      /3\.999\.0 has no function runtime\/stack\.runInPulumiStack, .* to keep a program loaded between two `up`s;/,
    );
    assert.throws(() => guardInlinePrograms(sdkWith(RUN)), /has no object runtime\/settings\.grpcChannelOptions/);
    assert.equal(RUN["runtime/stack"].runInPulumiStack, run);
  });

  it("cannot be kept from needless calls", () => {
    assert.throws(
      () => withoutNeedlessCalls({} as PulumiCommand),
      /has no function automation\.PulumiCommand\.run, .* to bring a stack up by one start of Pulumi's CLI;/,
    );
  });

  it("does not tell when a resource is registered", () => {
    assert.throws(
      () => registered({ urn: {} } as unknown as Resource),
      /has no function output\.Output\.promise, .* to scale versions .* \(replicasFollowWeight, prescale\);/,
    );
  });

  it("does not tell which resources an Output was computed from", () => {
    assert.throws(
      () => dependenciesOf({} as Output<unknown>),
      /has no function output\.Output\.allResources, .* to say in a preview which values are not final;/,
    );
  });

  it("compiles TypeScript with the compiler installed next to it; without one, the error names what is missing", () => {
    const folder = folderWithSdk({ "tsutils.js": "" });
    try {
      const load = createRequire(join(folder, "index.js"));
      assert.throws(
        () => typeScriptModules(load),
        /^MissingSdkPart: @pulumi\/pulumi 3\.999\.0 has no function tsutils\.typeScriptRequireStrings/,
      );
      const withBoth = folderWithSdk({
        "tsutils.js": "",
        "node_modules/ts-node/index.js": "exports.register = () => 5;",
        "node_modules/typescript/index.js": "",
      });
      try {
        const { tsNode, compiler } = typeScriptModules(createRequire(join(withBoth, "index.js")));
        assert.deepEqual([tsNode.register({}), compiler], [5, "typescript"]);
      } finally {
        rmSync(withBoth, { recursive: true });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("the SDK of a program", () => {
  it("is the program's own, with all its parts, and what it lacks is not taken from ours", () => {
    const folder = folderWithSdk({ "index.js": "" });
    try {
      const load = sdkOfProgram(folder);
      assert.deepEqual(load("@pulumi/pulumi/package.json"), { version: "3.999.0" });
      assert.throws(
        () => guardInlinePrograms(load),
        /@pulumi\/pulumi 3\.999\.0 has no function runtime\/stack\.runInPulumiStack/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("is ours where it has none", () => {
    assert.equal(sdkOfProgram("/nowhere")("@pulumi/pulumi"), require("@pulumi/pulumi"));
  });
});
