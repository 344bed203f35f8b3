import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { stackVariables } from "../../../demo/programStack";
import { descendants, killIfThere } from "./children";
import { cluster } from "./cluster";
import type { Kubectl } from "./kubectl";
import { ThrowawayRepository } from "./throwawayRepository";

/** What gives a job access to the stacks and their cluster. */
export async function credentials(): Promise<{ backend: string; kubeconfig: string; passphrase: string }> {
  const { kubeconfig, stateFolder } = await cluster();
  return { backend: `file://${stateFolder}`, kubeconfig, passphrase: "" };
}

/** Calls pulumi in the repository's clone on a stack. */
export async function pulumi({ clone, env }: ThrowawayRepository, stack: string, ...args: string[]): Promise<string> {
  const { kubeconfig, stateFolder } = await cluster();
  const { stdout } = await promisify(execFile)("pulumi", args, {
    cwd: clone,
    env: { ...env, ...stackVariables({ name: stack, stateFolder, kubeconfig }) },
  });
  return stdout;
}

/** A repository with an example's pipeline, whose stacks are there and have nothing yet. */
export async function repositoryWithStacks(
  apps: Readonly<Record<string, string>>,
  address: string,
  example: string,
): Promise<ThrowawayRepository> {
  const repository = await ThrowawayRepository.make(apps, address, example);
  for (const stack of Object.keys(apps)) {
    await pulumi(repository, stack, "stack", "select", "--create", stack);
  }
  await repository.commit("stacks");
  await repository.git("push", "--quiet");
  return repository;
}

/** The weights that an app's VirtualService has on the cluster. */
export async function weightsOf(kubectl: Kubectl, app: string): Promise<Record<string, number>> {
  const { spec } = JSON.parse(await kubectl.run("get", "virtualservice", app, "-n", app, "-o", "json"));
  return Object.fromEntries(
    spec.http[0].route.map(({ destination, weight }: { destination: { subset: string }; weight?: number }) => [
      destination.subset,
      weight ?? 0,
    ]),
  );
}

/** How a call of the installed command ended. */
export interface CommandEnd {
  code: number;
  stdout: string;
  stderr: string;
}

/** Calls the installed `canary` in the repository's clone on a stack; more variables go over those of the stack. */
export async function canary(
  { clone, env }: ThrowawayRepository,
  stack: string,
  args: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Promise<CommandEnd> {
  const { kubeconfig, stateFolder } = await cluster();
  const variables = { ...env, ...stackVariables({ name: stack, stateFolder, kubeconfig }), ...more };
  return new Promise((resolve) => {
    execFile(
      join(clone, "node_modules/.bin/canary"),
      [...args],
      { cwd: clone, env: variables, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

/** Begins a rollout of a stack in the repository's clone, and kills it with all it has started once it holds a step. */
export async function killedRollout({ clone, env }: ThrowawayRepository, stack: string): Promise<void> {
  const { kubeconfig, stateFolder } = await cluster();
  const run = spawn(
    join(clone, "node_modules/.bin/canary"),
    ["rollout", "--yes", "--json", "--hold", "20s", "--step-deadline", "5m", "--deadline", "20m"],
    { cwd: clone, env: { ...env, ...stackVariables({ name: stack, stateFolder, kubeconfig }) } },
  );
  const ended = once(run, "exit");
  let output = "";
  const isHeld = new Promise<void>((resolve) => {
    for (const stream of [run.stdout, run.stderr]) {
      stream.on("data", (text: Buffer) => {
        output += text.toString();
        if (output.includes('"type":"converged"')) {
          resolve();
        }
      });
    }
  });
  await Promise.race([isHeld, ended]);
  assert.ok(run.exitCode === null, output);
  const started = descendants(run.pid as number);
  run.kill("SIGKILL");
  started.forEach(killIfThere);
  await ended;
}
