import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalWorkspace, Stack } from "@pulumi/pulumi/automation";
import type { Engine } from "../../../sandbox/engine/engine";
import { configFile, stackVariables } from "../../../demo/programStack";
import { type ProcessUse, watchProcesses } from "../../bench/processUse";
import { descendants } from "../../bench/processes";
import { cluster } from "../../e2e/support/cluster";
import { configOf, GROWING_PROJECT, type Size, WEIGHTS } from "./size";

/** How long Pulumi's engine took for a stack of one size. */
export interface OnEngine {
  /** The first `up`, which creates everything; missing for stacks of more than {@link MOST_WHOLE} apps. */
  first?: ProcessUse;
  /** An `up` that changes nothing: the cost of the size alone. */
  nothing: ProcessUse;
  /** The same, with the state written once at the end instead of after each resource. */
  writtenOnce: ProcessUse;
  /** A preview of one weight's change. */
  preview: ProcessUse;
  /** An `up` of that change. */
  up: ProcessUse;
  /** The size of the stack's state, in MB. */
  stateMb: number;
}

const STACK = "prove-growth";

/** Makes the engine write the state once, at the end: fast, but a killed `up` loses what it did. */
const ONCE = { PULUMI_SKIP_CHECKPOINTS: "true" };

/**
 * The maximum number of apps of a stack whose first `up` is made as users do it: the time grows with the square of
 * their number.
 */
const MOST_WHOLE = 50;

/**
 * Creates a stack of that size on the cluster, changes one weight of it, and removes it. All `up`s skip their preview,
 * which is measured separately.
 */
export async function measureOnEngine(size: Size, engine: Engine): Promise<OnEngine> {
  const { kubeconfig } = await cluster();
  const stateFolder = await mkdtemp(join(tmpdir(), "canary-growth-"));
  const envVars = stackVariables({ name: STACK, stateFolder, kubeconfig });
  const pulumi = (args: readonly string[], more: Record<string, string> = {}) =>
    watched(engine.command.command, [...args, "--non-interactive"], { ...process.env, ...envVars, ...more });
  const bringUp = ["up", "--yes", "--skip-preview"];
  const workspace = await LocalWorkspace.create({ workDir: GROWING_PROJECT, pulumiCommand: engine.command, envVars });
  const stack = await Stack.createOrSelect(STACK, workspace);
  const configure = (weight: number) =>
    stack.setAllConfig(
      Object.fromEntries(Object.entries(configOf(size, weight)).map(([key, value]) => [key, { value: String(value) }])),
    );
  try {
    await configure(WEIGHTS.before);
    const isWhole = size.apps <= MOST_WHOLE;
    const first = await pulumi(bringUp, isWhole ? {} : ONCE);
    const nothing = await pulumi(bringUp);
    const writtenOnce = await pulumi(bringUp, ONCE);
    await configure(WEIGHTS.after);
    const preview = await pulumi(["preview"]);
    const up = await pulumi(bringUp);
    const { size: bytes } = await stat(join(stateFolder, ".pulumi", "stacks", "growth", `${STACK}.json`));
    return { ...(isWhole ? { first } : {}), nothing, writtenOnce, preview, up, stateMb: bytes / 1e6 };
  } finally {
    Object.assign(workspace.envVars, ONCE);
    await stack.destroy();
    await Promise.all([
      rm(stateFolder, { recursive: true, force: true }),
      rm(configFile(STACK, GROWING_PROJECT), { force: true }),
    ]);
  }
}

/** Runs a program to its end, and watches it with all its child processes. */
async function watched(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<ProcessUse> {
  const child = spawn(program, args, { cwd: GROWING_PROJECT, env, stdio: ["ignore", "pipe", "pipe"] });
  const pid = child.pid as number;
  let said = "";
  [child.stdout, child.stderr].forEach((stream) =>
    stream.on("data", (text: Buffer) => (said = `${said}${text.toString()}`.slice(-10_000))),
  );
  const watch = watchProcesses(() => [pid, ...descendants(pid)]);
  const [code] = (await once(child, "close")) as [number | null];
  const use = watch.stop();
  if (code !== 0) {
    throw new Error(`${program} ${args.join(" ")} ended with ${code}:\n${said}`);
  }
  return use;
}
