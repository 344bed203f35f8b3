import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StackEngine } from "../../../../src/rollout/pulumi/engine";
import { folderWithSdk } from "../../internal/pulumiSdk/fakeSdk";

/**
 * Automation as an SDK of the future may have it: an `up` says in a file how it was done, and the second takes the
 * process with it.
 */
const AUTOMATION = `
const { appendFileSync, readFileSync } = require("node:fs");
const up = (how) => {
  appendFileSync("ups", how + "\\n");
  return readFileSync("ups", "utf8").split("\\n").length === 3 ? process.exit(5) : Promise.resolve();
};
exports.PulumiCommand = { get: async () => ({ start: () => undefined }) };
exports.LocalWorkspace = { create: async ({ program }) => ({ program }) };
exports.Stack = {
  select: async (name, { program }) => ({ up: () => up(name + " " + typeof program) }),
};
`;

describe("a stack whose program has an SDK that is not known", () => {
  it("is brought up by plain Automation, which is told once: the program started anew for each up", async function () {
    this.timeout(60_000);
    const folder = folderWithSdk({ "automation.js": AUTOMATION });
    writeFileSync(join(folder, "index.js"), "");
    const notices: string[] = [];
    const notice = (text: string) => void notices.push(text);
    const program = { main: join(folder, "index.js"), nodeArguments: [] };
    const engine = new StackEngine({ folder, stack: "dev", program, env: process.env, notice });
    try {
      const never = new AbortController().signal;
      await engine.up(never);
      await assert.rejects(engine.up(never), /ended with 5/);
      await engine.up(never); // by another process
      assert.equal(readFileSync(join(folder, "ups"), "utf8"), "dev undefined\n".repeat(3));
      assert.deepEqual(
        notices.map((text) =>
          text.replace(/@pulumi.pulumi 3.999.0 has no function (.*), which canary-app needs.*/, "no $1"),
        ),
        [
          "Pulumi's CLI is started several times for each up: no automation.PulumiCommand.run",
          "the program is restarted for each up: no runtime/stack.runInPulumiStack",
        ],
      );
    } finally {
      engine.close();
      rmSync(folder, { recursive: true });
    }
  });
});
