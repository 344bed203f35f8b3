import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalWorkspace, Stack } from "@pulumi/pulumi/automation";
import type { Engine } from "../../../engine/engine";
import { configFile, stackVariables } from "../../../engine/programStack";
import { type ProcessUse, watchProcesses } from "../../bench/processUse";
import { descendants } from "../../bench/processes";
import { cluster } from "../../e2e/support/cluster";
import { configOf, GROWING_PROJECT, type Size, WEIGHTS } from "./size";

/** What Pulumi's engine took for a stack of one size. */
export interface OnEngine {
  /** The first `up`, which makes everything. */
  first: ProcessUse;
  /** An `up` that changes nothing: what the size alone costs. */
  nothing: ProcessUse;
  /** A preview of one weight's change. */
  preview: ProcessUse;
  /** An `up` of that change. */
  up: ProcessUse;
  /** How large the stack's state is, in MB. */
  stateMb: number;
}

const STACK = "prove-growth";

/** Makes a stack of that size on the cluster, changes one weight of it, and takes it away. All `up`s are without their preview, which is measured by itself. */
export async function measureOnEngine(size: Size, engine: Engine): Promise<OnEngine> {
  const { kubeconfig } = await cluster();
  const stateFolder = await mkdtemp(join(tmpdir(), "canary-growth-"));
  const envVars = stackVariables({ name: STACK, stateFolder, kubeconfig });
  const pulumi = (...args: string[]) => watched(engine.command.command, [...args, "--non-interactive"], { ...process.env, ...envVars });
  const workspace = await LocalWorkspace.create({ workDir: GROWING_PROJECT, pulumiCommand: engine.command, envVars });
  const stack = await Stack.createOrSelect(STACK, workspace);
  const configure = (weight: number) => stack.setAllConfig(Object.fromEntries(Object.entries(configOf(size, weight)).map(([key, value]) => [key, { value: String(value) }])));
  try {
    await configure(WEIGHTS.before);
    const first = await pulumi("up", "--yes", "--skip-preview");
    const nothing = await pulumi("up", "--yes", "--skip-preview");
    await configure(WEIGHTS.after);
    const preview = await pulumi("preview");
    const up = await pulumi("up", "--yes", "--skip-preview");
    const { size: bytes } = await stat(join(stateFolder, ".pulumi", "stacks", "growth", `${STACK}.json`));
    return { first, nothing, preview, up, stateMb: bytes / 1e6 };
  } finally {
    await stack.destroy();
    await Promise.all([rm(stateFolder, { recursive: true, force: true }), rm(configFile(STACK, GROWING_PROJECT), { force: true })]);
  }
}

/** Runs a program to its end, and watches it with all that it starts. */
async function watched(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<ProcessUse> {
  const child = spawn(program, args, { cwd: GROWING_PROJECT, env, stdio: ["ignore", "pipe", "pipe"] });
  const pid = child.pid as number;
  let said = "";
  [child.stdout, child.stderr].forEach((stream) => stream.on("data", (text: Buffer) => (said = `${said}${text.toString()}`.slice(-10_000))));
  const watch = watchProcesses(() => [pid, ...descendants(pid)]);
  const [code] = (await once(child, "close")) as [number | null];
  const use = watch.stop();
  if (code !== 0) {
    throw new Error(`${program} ${args.join(" ")} ended with ${code}:\n${said}`);
  }
  return use;
}
