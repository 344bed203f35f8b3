import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type EngineArgs, StackEngine } from "../../../../src/rollout/pulumi/engine";
import { folderWithSdk } from "../../internal/pulumiSdk/fakeSdk";

/** Automation whose `up` prints as Pulumi's CLI does, to both of its streams, and then fails. */
const AUTOMATION = `
exports.PulumiCommand = { get: async () => ({ start: () => undefined }) };
exports.LocalWorkspace = { create: async () => ({}) };
const up = async ({ onOutput, onError }) => {
  onOutput?.("Updating (dev): é\\n");
  onError?.("warning: slow\\n");
  throw new Error("it failed");
};
exports.Stack = { select: async () => ({ up }) };
`;

describe("what Pulumi prints during an up", () => {
  let folder: string;

  before(() => {
    folder = folderWithSdk({ "automation.js": AUTOMATION });
    writeFileSync(join(folder, "index.js"), "");
  });

  after(() => rmSync(folder, { recursive: true }));

  async function printed(more: Partial<EngineArgs>): Promise<string> {
    let text = "";
    const write = process.stderr.write.bind(process.stderr);
    process.stderr.write = ((piece: string | Uint8Array) => ((text += String(piece)), true)) as typeof write;
    const engine = new StackEngine({ folder, stack: "dev", env: process.env, ...more });
    try {
      await assert.rejects(engine.up(new AbortController().signal), /it failed/);
      for (let tries = 0; tries < 20 && !text.includes("slow"); tries++) {
        await new Promise((resolve) => setTimeout(resolve, 20)); // it comes by another way than the answer
      }
      return text;
    } finally {
      engine.close();
      process.stderr.write = write;
    }
  }

  it("is passed over", async () => assert.equal(await printed({}), ""));

  it("goes to standard error if the environment says so", async () =>
    assert.equal(
      await printed({ env: { ...process.env, CANARY_VERBOSE: "1" } }),
      "Updating (dev): é\nwarning: slow\n",
    ));

  it("is told to whoever asks for it, and goes nowhere else", async () => {
    let told = "";
    const others = await printed({
      env: { ...process.env, CANARY_VERBOSE: "1" },
      output: (text) => void (told += text),
    });
    assert.equal(told, "Updating (dev): é\nwarning: slow\n");
    assert.equal(others, "");
  });
}).timeout(60_000);
