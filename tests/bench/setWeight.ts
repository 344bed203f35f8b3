import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import * as sandbox from "../../sandbox";
import { createProgress } from "../../sandbox/progress";
import { sandboxTarget } from "../../demo/target";
import { useEngine } from "../../sandbox/engine/findEngine";
import { configFile, openProgramStack, PROJECT_ROOT, type StackPlace, writeStackConfig } from "../../demo/programStack";
import { KubernetesApi } from "../../src/internal/kubernetes/api";
import { forgetRuns } from "../e2e/support/stackFiles";
import { describe, median, run, variablesOf } from "./measuring";

const SANDBOX = process.env.BENCH_SANDBOX || "bench";
const STACK = "bench-set";
const ROUNDS = Number(process.env.BENCH_ROUNDS || 10);
const PATH = "/apis/networking.istio.io/v1/namespaces/myapp/virtualservices/myapp";

/**
 * How long `canary set` takes for a weight, and until the cluster has it, against `pulumi up --skip-preview` after the
 * same change of the config, alternately in one run; Istio in the same stack. It asserts nothing.
 */
async function main(): Promise<void> {
  const engine = await useEngine();
  const { kubeconfig, mesh, stateFolder } = await sandboxTarget(createProgress(), SANDBOX);
  const place = { name: STACK, stateFolder, kubeconfig, config: { mesh } };
  const api = await KubernetesApi.of({ kubeconfig });
  const env = variablesOf(place);
  const [sets, moved, ups, followed]: number[][] = [[], [], [], []];
  try {
    mkdirSync(stateFolder, { recursive: true });
    run("npm", ["run", "--silent", "build"], PROJECT_ROOT, process.env);
    await (await openProgramStack(place, engine)).up();
    for (let round = 0; round < ROUNDS; round++) {
      const canary = [join(PROJECT_ROOT, "bin/src/cli/main.js"), "set", String(31 + round), "--yes", "--stack", STACK];
      const set = await timed(api, 31 + round, process.execPath, canary, place);
      sets.push(set.whole);
      moved.push(set.moved);
      await writeStackConfig({ ...place, config: { ...place.config, weight: 61 + round } });
      const args = ["up", "--yes", "--skip-preview", "--stack", STACK];
      const up = await timed(api, 61 + round, engine.command.command, args, place);
      ups.push(up.whole);
      followed.push(up.moved);
    }
    const ratio = (median(sets) / median(ups)).toFixed(2);
    console.log(`canary set: ${describe(sets)}, the cluster has the weight after ${describe(moved)}`);
    console.log(`pulumi up --skip-preview: ${describe(ups)}, the cluster has the weight after ${describe(followed)}`);
    console.log(`ratio of medians: ${ratio}`);
  } finally {
    api.close();
    await sandbox.down({ name: SANDBOX, progress: createProgress() });
    await forgetRuns(STACK);
    rmSync(configFile(STACK), { force: true });
  }

  /** Seconds until a command has ended, and until the cluster had the weight. */
  async function timed(
    cluster: KubernetesApi,
    weight: number,
    command: string,
    args: readonly string[],
    where: StackPlace,
  ): Promise<{ whole: number; moved: number }> {
    const began = performance.now();
    const child = spawn(command, args, { cwd: PROJECT_ROOT, env: { ...env, PULUMI_STACK: where.name }, stdio: "pipe" });
    let output = "";
    child.stdout.on("data", (text) => (output += text));
    child.stderr.on("data", (text) => (output += text));
    const ended = once(child, "close");
    while (!(await hasWeight(cluster, weight))) {
      if (child.exitCode !== null && child.exitCode !== 0) {
        throw new Error(output);
      }
      await setTimeout(20);
    }
    const moved = (performance.now() - began) / 1000;
    const [code] = await ended;
    if (code !== 0) {
      throw new Error(output);
    }
    return { whole: (performance.now() - began) / 1000, moved };
  }
}

async function hasWeight(api: KubernetesApi, weight: number): Promise<boolean> {
  const { spec } = await api.json<{ spec: { http: { route: { weight: number }[] }[] } }>(
    PATH,
    AbortSignal.timeout(10_000),
  );
  return spec.http[0].route[1].weight === weight;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
