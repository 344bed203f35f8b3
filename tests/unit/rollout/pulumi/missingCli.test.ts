import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PulumiCli } from "../../../../src/config/pulumiCli";
import { StackEngine } from "../../../../src/rollout/pulumi/engine";

describe("a Pulumi CLI that is not there", () => {
  const WHAT_TO_DO =
    "install Pulumi's CLI \\(https://www\\.pulumi\\.com/docs/install/\\), or add the folder .* to PATH";
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "no-cli-"));
    await writeFile(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  });
  after(() => rm(folder, { recursive: true }));

  it("is told with what to do, where a stack is asked about", async () => {
    const asked = (root?: string) => new PulumiCli(folder, "dev", { PATH: "" }, root).ask("stack", "export");
    await assert.rejects(asked(), new RegExp(`^Error: pulumi is not found on PATH: ${WHAT_TO_DO}`));
    await assert.rejects(asked("/nowhere"), new RegExp(`^Error: there is no /nowhere/bin/pulumi: ${WHAT_TO_DO}`));
  });

  it("is told with what to do, where a stack is brought up", async () => {
    for (const [pulumiRoot, told] of [
      [undefined, "pulumi is not found on PATH"],
      ["/nowhere", "there is no pulumi in /nowhere/bin"],
    ] as const) {
      const engine = new StackEngine({ folder, stack: "dev", env: { PATH: "" }, pulumiRoot });
      try {
        await assert.rejects(engine.up(new AbortController().signal), new RegExp(`${told}: ${WHAT_TO_DO}`));
      } finally {
        engine.close();
      }
    }
  });
});
