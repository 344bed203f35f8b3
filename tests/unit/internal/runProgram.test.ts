import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { realpathSync } from "node:fs";
import { ProgramError, ProgramNotFoundError, type RunOptions, runProgram } from "../../../src/internal/runProgram";

function node(script: string, options?: RunOptions): ReturnType<typeof runProgram> {
  return runProgram(process.execPath, ["-e", script], options);
}

async function refused(run: Promise<unknown>): Promise<ProgramError> {
  const error: unknown = await run.then(
    () => undefined,
    (why: unknown) => why,
  );
  assert.ok(error instanceof ProgramError, String(error));
  return error;
}

describe("a program", () => {
  it("gives what it prints, in the folder and with the environment that it is given", async () => {
    const folder = realpathSync(tmpdir());
    const script = "console.log(process.cwd(), process.env.A); console.error('noted')";
    assert.deepEqual(await node(script, { cwd: folder, env: { A: "b" } }), {
      stdout: `${folder} b\n`,
      stderr: "noted\n",
    });
  });

  it("has no standard input to wait for", async () => {
    assert.equal((await node("process.stdin.on('end', () => console.log('end')).resume()")).stdout, "end\n");
  });

  it("gets its arguments as they are, without a shell", async () => {
    const { stdout } = await runProgram(process.execPath, ["-p", "process.argv.at(-1)", "--", "$(id) 'a'"]);
    assert.equal(stdout, "$(id) 'a'\n");
  });

  const failures: [what: string, script: string, message: RegExp][] = [
    ["its first line", "console.error('\\n  first\\nsecond'); process.exit(3)", /^node failed: first$/],
    ["its error behind a warning", "console.error('warning: a\\nerror: b\\nc'); process.exit(3)", /^node failed: b$/],
    ["its exit code where it says nothing", "process.exit(3)", /^node failed with exit code 3$/],
    ["the signal that ended it", "process.kill(process.pid, 'SIGKILL')", /^node was ended by SIGKILL$/],
  ];
  for (const [what, script, message] of failures) {
    it(`that fails is named with ${what}`, async () => assert.match((await refused(node(script))).message, message));
  }

  it("that fails is told with all that it said, and its exit code", async () => {
    const { exitCode, stderr } = await refused(node("console.error('a\\nb'); process.exit(3)"));
    assert.deepEqual([exitCode, stderr], [3, "a\nb\n"]);
  });

  it("is named with its subcommand, and without its options", async () => {
    const { message } = await refused(node("", { cwd: "/nowhere" }));
    assert.equal(message, "node cannot be started: its working folder /nowhere is not there");
  });

  it("that is not there is told apart from a folder that is not there", async () => {
    const messages = await Promise.all(
      ["/nowhere/pulumi", "no-such-program"].map(async (program) => refused(runProgram(program, ["stack", "export"]))),
    );
    assert.ok(messages.every((error) => error instanceof ProgramNotFoundError));
    assert.deepEqual(
      messages.map(({ message }) => message),
      ["there is no /nowhere/pulumi", "no-such-program is not found on PATH"],
    );
  });

  it("is ended when it prints too much", async () => {
    const endless = "setInterval(() => console.log('x'.repeat(1000)), 1)";
    assert.equal((await refused(node(endless, { maxBytes: 10_000 }))).message, "node printed more than 10000 bytes");
  });

  it("is ended by a signal, also by one that was given before", async () => {
    const ending = new AbortController();
    const run = refused(node("setInterval(() => {}, 1000)", { signal: ending.signal }));
    setTimeout(() => ending.abort(), 200);
    assert.equal((await run).message, "node was cancelled");
    assert.equal((await refused(node("", { signal: ending.signal }))).message, "node was cancelled");
  });
});
