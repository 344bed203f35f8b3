import { mkdirSync, rmSync } from "node:fs";
import * as sandbox from "../../sandbox";
import { createProgress } from "../../sandbox/progress";
import { sandboxTarget } from "../../demo/target";
import { useEngine } from "../../sandbox/engine/findEngine";
import { PROJECT_ROOT, configFile, openProgramStack, type StackPlace, writeStackConfig } from "../../demo/programStack";
import { describe, emptyProject, median, run, variablesOf } from "./measuring";

const STACKS = ["bench-whole", "bench-app"];
const EMPTY_STACK = "empty";
const ISTIO_ELSEWHERE = {
  install: false,
  charts: undefined,
  baseValues: undefined,
  istiodValues: undefined,
  gatewayValues: undefined,
};
const SANDBOX = "bench";
const ROUNDS = 10;

/**
 * How long `pulumi up` takes for a weight change, against an empty program's `pulumi up`, alternately in one run: for a
 * stack that installs Istio too, and for one whose Istio is in a stack of its own; as a person calls it (with its
 * preview), and with --skip-preview. Prints medians and their ratio; it asserts nothing.
 */
async function main(): Promise<void> {
  const engine = await useEngine();
  const { kubeconfig, mesh, stateFolder } = await sandboxTarget(createProgress(), SANDBOX);
  const empty = emptyProject();
  const pulumi = engine.command.command;
  try {
    const whole = { name: STACKS[0], stateFolder, kubeconfig, config: { mesh } };
    const app = {
      name: STACKS[1],
      stateFolder,
      kubeconfig,
      config: { appName: "other", hosts: ["other.example.com"], mesh: { ...mesh, ...ISTIO_ELSEWHERE } },
    };
    mkdirSync(stateFolder, { recursive: true });
    run(pulumi, ["stack", "init", EMPTY_STACK], empty, variablesOf({ ...whole, name: EMPTY_STACK }));
    for (const [place, what] of [
      [whole, "Istio in the same stack"],
      [app, "Istio in another stack"],
    ] as const) {
      await (await openProgramStack(place, engine)).up();
      for (const flags of [[], ["--skip-preview"]]) {
        await compare(pulumi, place, empty, flags, what);
      }
    }
  } finally {
    await sandbox.down({ name: SANDBOX, progress: createProgress() });
    rmSync(empty, { recursive: true, force: true });
    STACKS.forEach((stack) => rmSync(configFile(stack), { force: true }));
  }
}

async function compare(
  pulumi: string,
  place: StackPlace,
  empty: string,
  flags: readonly string[],
  what: string,
): Promise<void> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await writeStackConfig({ ...place, config: { ...place.config, weight: 30 + (round % 2) * 20 } });
    ours.push(run(pulumi, ["up", "--yes", ...flags], PROJECT_ROOT, variablesOf(place)));
    theirs.push(run(pulumi, ["up", "--yes", ...flags], empty, variablesOf({ ...place, name: EMPTY_STACK })));
  }
  const ratio = (median(ours) / median(theirs)).toFixed(2);
  console.log(
    `pulumi up ${flags.join(" ")}, ${what}: weight change ${describe(ours)}, empty program ${describe(theirs)}, ratio of medians ${ratio}`.replace(
      " ,",
      ",",
    ),
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
