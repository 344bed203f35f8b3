import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { PROJECT_ROOT } from "../../../demo/programStack";

const ENDED_BY_ITSELF = 7;

/** Goes on writing, as a run does, and ends by itself. */
const WRITER = `
  const terminal = require("./src/cli/terminal").processTerminal();
  let left = 20;
  const timer = setInterval(() => {
    terminal.out("line\\n");
    terminal.err("line");
    if (--left === 0) {
      clearInterval(timer);
      process.exitCode = ${ENDED_BY_ITSELF};
    }
  }, 10);`;

describe("a command whose output nobody reads any more", () => {
  it("goes on to its end: a run must not be left half-way because its log's reader has ended", async () => {
    const writer = spawn(process.execPath, ["--require", "tsx/cjs", "--eval", WRITER], {
      cwd: PROJECT_ROOT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    await once(writer.stdout, "data");
    writer.stdout.destroy();
    writer.stderr.destroy();
    assert.deepEqual(await once(writer, "exit"), [ENDED_BY_ITSELF, null]);
  });
});
