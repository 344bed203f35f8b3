import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { configFile } from "../../../demo/programStack";
import { stageStack } from "../../e2e/support/rollouts";
import { forgetStacks } from "../../e2e/support/stackFiles";

const STACK = "unit-forgotten";

describe("stacks that the next suite is not to find", () => {
  let folder: string;
  const besideConfig = configFile(STACK).replace(/\.yaml$/, ".rollout.jsonl");

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "canary-states-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    [configFile(STACK), besideConfig].forEach((file) => rmSync(file, { force: true }));
  });

  function write(...files: string[]): void {
    for (const file of files) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, "");
    }
  }

  it("are forgotten with tags, locks, config and journal, whole or half; those that are kept stay", async () => {
    const kept = ["stacks/mesh/mesh.json", "stacks/mesh/mesh.pulumi-tags", "locks/organization/mesh/mesh/1.json"];
    const ends = ["json", "json.bak", "json.attrs", "pulumi-tags"];
    const gone = [
      ...ends.map((end) => `stacks/canary-app/${STACK}.${end}`),
      `locks/organization/canary-app/${STACK}/1.json`,
      "stacks/canary-app/half.pulumi-tags",
    ];
    write(...[...kept, ...gone].map((name) => join(folder, ".pulumi", name)), configFile(STACK), besideConfig);
    await forgetStacks(folder, ["mesh"]);
    const names = readdirSync(join(folder, ".pulumi"), { recursive: true, encoding: "utf8" });
    const left = names.filter((name) => /\.(json|bak|attrs|pulumi-tags)$/.test(name));
    assert.deepEqual(left.sort(), [...kept].sort());
    assert.deepEqual(
      [configFile(STACK), besideConfig].filter((file) => existsSync(file)),
      [],
    );
  });

  it("are none of another sandbox's, whose suites share a stage of the same kind", async () => {
    const [own, other] = ["one", "other"].map(stageStack);
    const files = [own, other].map((stack) => configFile(stack));
    write(join(folder, `.pulumi/stacks/canary-app/${own}.json`), ...files);
    try {
      await forgetStacks(folder, []);
      assert.deepEqual(
        files.map((file) => existsSync(file)),
        [false, true],
      );
    } finally {
      files.forEach((file) => rmSync(file, { force: true }));
    }
  });

  it("are none where there is no state yet", async () => {
    await assert.doesNotReject(forgetStacks(join(folder, "nowhere"), []));
  });
});
