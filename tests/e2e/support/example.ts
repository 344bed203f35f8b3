import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Stack } from "@pulumi/pulumi/automation";
import type { Engine } from "../../../sandbox/engine/engine";
import { PROJECT_ROOT, openProgramStack, stackVariables } from "../../../demo/programStack";
import { type Operation, upOperations } from "./operations";
import { cluster } from "./cluster";

const STACK = "e2e";
const UP = "pulumi up";

/** One of the examples, in a stack of its own on the tests' cluster. */
export class ExampleUnderTest {
  constructor(
    private readonly folder: string,
    private readonly commands: readonly string[],
    private readonly stack: Stack,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** Brings it up for the first time, by the README's own command in a shell: a preview, then the update. */
  async bringUp(): Promise<void> {
    await this.run(this.commandOf(UP));
  }

  /**
   * Does what a line of the README says, word for word; its `pulumi up` by the Automation API, to see what it does
   * beyond leaving things as they are.
   */
  async follow(line: string): Promise<Operation[]> {
    const [, settings] =
      /^(.*) && pulumi up$/.exec(this.commandOf(line)) ?? assert.fail(`"${line}" does not end with "${UP}"`);
    await this.run(settings);
    return upOperations(this.stack);
  }

  /** The value of one of its outputs. */
  async output(name: string): Promise<any> {
    return (await this.stack.outputs())[name].value;
  }

  /** Takes it away. */
  async destroy(): Promise<void> {
    await this.stack.destroy();
  }

  private commandOf(line: string): string {
    assert.ok(this.commands.includes(line), `the README does not say "${line}", but:\n${this.commands.join("\n")}`);
    return line;
  }

  private async run(command: string): Promise<void> {
    await promisify(execFile)("sh", ["-ec", command], { cwd: this.folder, env: this.environment }).catch(
      ({ stdout, stderr }) => assert.fail(`${command}:\n${stdout}\n${stderr}`),
    );
  }
}

/** Opens the stack of an example, with the dev stack's config and what is given on top. */
export async function openExample(
  engine: Engine,
  name: string,
  config: Record<string, unknown>,
): Promise<ExampleUnderTest> {
  const { kubeconfig, stateFolder } = await cluster();
  const folder = join(PROJECT_ROOT, "examples", name);
  const readme = await readFile(join(folder, "README.md"), "utf8");
  const commands = readme
    .split("\n")
    .filter((line) => line.startsWith("    "))
    .map((line) => line.trim());
  const place = { name: STACK, folder, kubeconfig, stateFolder, config };
  const stack = await openProgramStack(place, engine);
  const path = [dirname(engine.command.command), process.env.PATH].join(delimiter);
  return new ExampleUnderTest(folder, commands, stack, {
    ...process.env,
    ...stackVariables(place),
    PATH: path,
    PULUMI_SKIP_CONFIRMATIONS: "true",
  });
}
