import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { PROJECT_ROOT } from "../../../demo/programStack";
import { createProgram } from "../../../src/cli/program";
import { Session } from "../../../src/cli/session";
import { FakeTerminal } from "./fakeTerminal";

/** What a process has loaded of Pulumi's SDK after it required a module of this repository. */
function loadedOfSdk(module: string): string[] {
  const program = `require(${JSON.stringify(module)}); console.log(JSON.stringify(Object.keys(require.cache).filter((file) => /node_modules.@pulumi/.test(file))))`;
  return JSON.parse(
    execFileSync(process.execPath, ["--require", "tsx/cjs", "--eval", program], {
      cwd: PROJECT_ROOT,
      encoding: "utf8",
    }),
  ) as string[];
}

describe("Pulumi's SDK, half of the time and memory of whoever loads it,", () => {
  for (const module of ["./src/cli/run", "./src/rollout"]) {
    it(`is not loaded by ${module}`, () => assert.deepEqual(loadedOfSdk(module), []));
  }

  it("is loaded by the component", () => assert.notDeepEqual(loadedOfSdk("./components"), []));
});

/** The packages and the project's own rooms that a call of the command has loaded when it ends. */
function loadedBy(...args: string[]): string[] {
  const program = `process.on("exit", () => console.error(JSON.stringify(Object.keys(require.cache)))); require("./src/cli/run").run(${JSON.stringify(args)}, require("./src/cli/terminal").processTerminal(), {});`;
  const { stderr } = spawnSync(process.execPath, ["--require", "tsx/cjs", "--eval", program], {
    cwd: PROJECT_ROOT,
    encoding: "utf8",
  });
  const files = JSON.parse(stderr.trim().split("\n").at(-1) as string) as string[];
  const rooms = files.flatMap(
    (file) => /node_modules.(?!tsx|esbuild|get-tsconfig)([^/\\]+)|\bsrc.(\w+)/.exec(file)?.slice(1) ?? [],
  );
  return [...new Set(rooms.filter((room) => room !== undefined))].sort();
}

describe("a call of the command", () => {
  it("loads nothing for help but what reads the call", () => {
    assert.deepEqual(loadedBy("--help"), ["cli", "commander", "internal"]);
    assert.deepEqual(loadedBy("no-such-command"), ["cli", "commander", "internal"]);
  });

  it("loads what its command needs, and not what others do", () => {
    const loaded = loadedBy("pause", "--help");
    assert.ok(loaded.includes("rollout") && !loaded.includes("preview") && !loaded.includes("render"), loaded.join());
  });

  it("has the same help whether its commands are loaded or only declared", () => {
    const session = new Session(new FakeTerminal(), {});
    const [declared, whole] = [createProgram(session, []), createProgram(session)];
    assert.equal(declared.helpInformation(), whole.helpInformation());
  });
});
