import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sandboxTarget } from "../../demo/target";
import { useEngine } from "../../sandbox/engine/findEngine";
import { configFile, openProgramStack, PROJECT_ROOT, type StackPlace } from "../../demo/programStack";
import { startLoad } from "../../demo/load/generator";
import { type Gate, Phase, type RolloutEvent, type RolloutSettings, startRollout, Verdict } from "../../src/rollout";
import * as sandbox from "../../sandbox";
import { createProgress } from "../../sandbox/progress";
import { forgetRuns } from "../e2e/support/stackFiles";
import { describe, emptyProject, median, run, variablesOf } from "./measuring";
import { cpuSeconds, descendants, memoryMb } from "./processes";

const SANDBOX = process.env.BENCH_SANDBOX || "bench";
const STACKS = ["bench-whole", "bench-app"];
const EMPTY_STACK = "empty";
const ISTIO_ELSEWHERE = {
  install: false,
  charts: undefined,
  baseValues: undefined,
  istiodValues: undefined,
  gatewayValues: undefined,
};
const STEPS = [10, 20, 30, 40, 50, 60, 70, 80, 90];
const ROLLBACKS = 5;
const LOAD = { perSecond: 200, seconds: 600 };
const HOLD_S = 1;
const IDLE_S = 20;
const SETTINGS: RolloutSettings = { hold: HOLD_S, limits: { interval: 1 }, source: { envoy: { intervalSeconds: 1 } } };

/**
 * What a rollout costs, under load: each step's time beyond its hold, against an empty program's `pulumi up` just
 * before it; from a sample that says no to the end of the rollback; and what the processes take while a step is held.
 * It asserts nothing.
 */
async function main(): Promise<void> {
  const engine = await useEngine();
  const { kubeconfig, mesh, stateFolder } = await sandboxTarget(createProgress(), SANDBOX);
  const empty = emptyProject();
  try {
    const whole = { name: STACKS[0], stateFolder, kubeconfig, config: { mesh } };
    const app = {
      name: STACKS[1],
      stateFolder,
      kubeconfig,
      config: { appName: "other", hosts: ["other.example.com"], mesh: { ...mesh, ...ISTIO_ELSEWHERE } },
    };
    mkdirSync(stateFolder, { recursive: true });
    spawnSync(engine.command.command, ["stack", "init", EMPTY_STACK], {
      cwd: empty,
      env: variablesOf({ ...whole, name: EMPTY_STACK }),
    });
    for (const [place, what, headers] of [
      [whole, "Istio in the same stack", {}],
      [app, "Istio in another stack", { host: "other.example.com" }],
    ] as const) {
      const before = { ...place, config: { ...place.config, weight: 0 } };
      const { outputs } = await (await openProgramStack(before, engine)).up();
      const load = startLoad(LOAD.perSecond, LOAD.seconds, { url: `${outputs.url.value}/api/v1/hello`, headers });
      try {
        await measureSteps(place, what, () =>
          run(engine.command.command, ["up", "--yes"], empty, variablesOf({ ...place, name: EMPTY_STACK })),
        );
        await openProgramStack(before, engine);
        await measureRollbacks(place, what);
        if (place === app) {
          await measureIdling(place);
        }
      } finally {
        await load.stop();
        await forgetRuns(place.name);
      }
    }
  } finally {
    if (process.env.BENCH_SANDBOX === undefined) {
      await sandbox.down({ name: SANDBOX, progress: createProgress() });
    }
    rmSync(empty, { recursive: true, force: true });
    STACKS.forEach((stack) => rmSync(configFile(stack), { force: true }));
  }
}

function gate(name: string, phase: Phase, verdict: (step: number) => Verdict): Gate {
  return {
    name,
    phases: [phase],
    ask: async ({ step }) => ({ gate: name, verdict: verdict(step), reason: "the benchmark says so", metrics: {} }),
  };
}

function optionsOf(place: StackPlace, settings: RolloutSettings, gates: Gate[]) {
  return {
    workDir: PROJECT_ROOT,
    stack: place.name,
    env: variablesOf(place),
    settings: { ...SETTINGS, ...settings },
    gates,
  };
}

async function measureSteps(place: StackPlace, what: string, emptyUp: () => number): Promise<void> {
  const empties: number[] = [];
  const meanwhile = gate("empty", Phase.Step, () => {
    empties.push(emptyUp());
    return Verdict.Passed;
  });
  const { events } = await (await startRollout(optionsOf(place, { steps: STEPS }, [meanwhile]))).result;
  const at = (type: RolloutEvent["type"], step: number) =>
    Date.parse(events.find((event) => event.type === type && "step" in event && event.step === step)?.at ?? "");
  const steps = STEPS.map((_, step) => (at("held", step) - at("shifting", step)) / 1000 - HOLD_S);
  const ups = STEPS.map((_, step) => (at("shifted", step) - at("shifting", step)) / 1000);
  const ratio = (median(steps) / median(empties)).toFixed(2);
  console.log(
    `a step beyond its hold, ${what}: ${describe(steps)}, of that the up ${describe(ups)}; an empty program's pulumi up ${describe(empties)}; ratio of medians ${ratio}`,
  );
}

async function measureRollbacks(place: StackPlace, what: string): Promise<void> {
  const times: number[] = [];
  const ups: number[] = [];
  for (let round = 0; round < ROLLBACKS; round++) {
    const { events } = await (
      await startRollout(optionsOf(place, { steps: [50] }, [gate("no", Phase.Hold, () => Verdict.Rejected)]))
    ).result;
    const at = (type: RolloutEvent["type"]) =>
      Date.parse(events.filter((event) => event.type === type).at(-1)?.at ?? "");
    times.push((at("rolledBack") - at("sampled")) / 1000);
    ups.push((at("rolledBack") - at("rollingBack")) / 1000);
  }
  console.log(
    `from the deciding sample to the end of the rollback, ${what}: ${describe(times)}, of that the up and what users saw ${describe(ups)}`,
  );
}

/** The processes of a run as they are when installed: compiled, without a loader. */
async function measureIdling(place: StackPlace): Promise<void> {
  const built = build();
  const options = {
    workDir: PROJECT_ROOT,
    stack: place.name,
    settings: { ...SETTINGS, steps: [50], hold: IDLE_S + 30, limits: { interval: 10 }, source: {} },
  };
  const program = `const { startRollout } = require(${JSON.stringify(join(built, "src/rollout"))});
    startRollout({ ...${JSON.stringify(options)}, listener: ({ type }) => console.log(type) }).then((rollout) => {
      process.on("SIGTERM", () => rollout.abort("terminated"));
      return rollout.result;
    }).catch((error) => { console.error(error); process.exitCode = 1; });`;
  const child = spawn(process.execPath, ["-e", program], {
    cwd: PROJECT_ROOT,
    env: variablesOf(place),
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await new Promise<void>((resolve) =>
      child.stdout.on("data", (text) => String(text).includes("converged") && resolve()),
    );
    const [runner, worker] = [child.pid as number, descendants(child.pid as number)[0]];
    const begin = [runner, worker].map(cpuSeconds);
    await new Promise((resolve) => setTimeout(resolve, IDLE_S * 1000));
    [runner, worker].forEach((pid, index) => {
      const cpu = ((cpuSeconds(pid) - begin[index]) / IDLE_S) * 100;
      console.log(
        `while a step is held, ${index === 0 ? "the run's process" : "the warm program"}: ${memoryMb(pid)} MB, ${cpu.toFixed(1)}% of a CPU`,
      );
    });
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    await gone;
  } finally {
    child.kill("SIGKILL");
    rmSync(built, { recursive: true, force: true });
  }
}

function build(): string {
  const folder = mkdtempSync(join(tmpdir(), "canary-built-"));
  const config = join(folder, "tsconfig.json");
  const compilerOptions = {
    outDir: folder,
    rootDir: PROJECT_ROOT,
    declaration: false,
    sourceMap: false,
    baseUrl: PROJECT_ROOT,
    typeRoots: [join(PROJECT_ROOT, "node_modules/@types")],
  };
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(PROJECT_ROOT, "tsconfig.json"),
      compilerOptions,
      include: [join(PROJECT_ROOT, "src/rollout/**/*.ts")],
    }),
  );
  run(
    process.execPath,
    [join(PROJECT_ROOT, "node_modules/typescript/bin/tsc"), "-p", config],
    PROJECT_ROOT,
    process.env,
  );
  symlinkSync(join(PROJECT_ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
