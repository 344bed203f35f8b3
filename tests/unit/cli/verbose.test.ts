import assert from "node:assert/strict";
import { Command } from "commander";
import { createProgram } from "../../../src/cli/program";
import { Session } from "../../../src/cli/session";
import { FakeTerminal } from "./fakeTerminal";

/** The environment that a call gives to Pulumi. */
async function environmentOf(...args: string[]): Promise<NodeJS.ProcessEnv | undefined> {
  const session = new Session(new FakeTerminal(), { A: "b" });
  let env: NodeJS.ProcessEnv | undefined;
  const probe = new Command("probe").action(async (_options: object, command: Command) => {
    env = (await session.call(command)).reference.env;
  });
  await createProgram(session)
    .addCommand(probe)
    .parseAsync(["probe", "--stack", "dev", ...args], { from: "user" });
  return env;
}

describe("canary --verbose", () => {
  it("has the engine's output printed, as its variable does", async () => {
    assert.deepEqual(await environmentOf("--verbose"), { A: "b", CANARY_VERBOSE: "1" });
    assert.deepEqual(await environmentOf(), { A: "b" });
  });

  it("stands in the help", () => {
    const help = createProgram(new Session(new FakeTerminal(), {})).helpInformation();
    assert.match(help, /--verbose +print Pulumi's output during ups to standard\s+error/);
  });
});
