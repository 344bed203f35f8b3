import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { prefetchEngine } from "../sandbox/engine/built";
import { useEngine } from "../sandbox/engine/findEngine";
import { configFile, openProgramStack, type StackPlace, stackVariables } from "./programStack";
import * as sandbox from "../sandbox";
import { createProgress } from "../sandbox/progress";
import { DemoStack } from "./demoStack";
import { engineReport } from "./engineReport";
import { demoFolder, ownTarget, sandboxState, sandboxTarget, type Target } from "./target";
import { tour } from "./tour";

const HELP = `Shows what CanaryApp does: a weight in a stack's config moves real traffic.

  npm run demo                        a cluster of its own, the stack, 1,000 requests, then a change of weight under load
  npm run demo -- --env               prints the variables for working on its stack by hand, for eval
  npm run demo -- --down              takes the cluster and the stack down

  npm run demo -- --context NAME      the same on a cluster of yours, a context of your kubeconfig (also with --env, --down);
                                      Istio comes from its public charts, and the nodes need the demo's images (see docs/demo.md)
`;

/** The demo's sandbox, separate from that of the tests. */
const SANDBOX = "canary";

/**
 * The stack on the sandbox, and the one on a cluster of the user's own: the dev stack's config with what that cluster
 * needs.
 */
const STACKS = { sandbox: "sandbox", own: "own" };

async function main(): Promise<void> {
  const { context, ...values } = parseArgs({
    options: {
      context: { type: "string" },
      env: { type: "boolean" },
      down: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  }).values;
  if (values.help) {
    write(HELP);
  } else if (values.env) {
    await printVariables(context);
  } else if (values.down) {
    await (context === undefined ? takeSandboxDown() : takeOwnDown(context));
  } else {
    await show(context);
  }
}

async function show(context?: string): Promise<void> {
  const interrupt = onInterrupt();
  prefetchEngine();
  const target =
    context === undefined ? await sandboxTarget(createProgress(), SANDBOX, interrupt) : await ownTarget(context);
  const engine = await useEngine(tell);
  tell(`Cluster: ${target.description}.`);
  const stack = new DemoStack(engine, place(target, context), target, write);
  const { failed } = await tour(stack, 25, 50, tell, interrupt);
  const option = context === undefined ? "" : ` --context ${context}`;
  tell(
    [
      "",
      "Go on by hand:",
      ...stack.goOn(75, option).map((line) => `  ${line}`),
      "Take everything down:",
      `  npm run demo -- --down${option}`,
    ].join("\n"),
  );
  process.exitCode = failed === 0 ? 0 : 1;
}

/**
 * Ctrl-C reaches pulumi, kubectl and helm, too: each ends what it is doing, and then the tour ends. A cluster that is
 * being brought up is taken down again; one that is up stays.
 */
function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (!controller.signal.aborted) {
        process.stderr.write("\nInterrupted: waiting for what is under way to end …\n");
      }
      controller.abort(
        new Error("Interrupted. `npm run demo` goes on from here; `npm run demo -- --down` takes everything down."),
      );
    });
  }
  return controller.signal;
}

function place({ kubeconfig, stateFolder }: Pick<Target, "kubeconfig" | "stateFolder">, context?: string): StackPlace {
  return { name: context === undefined ? STACKS.sandbox : STACKS.own, stateFolder, kubeconfig };
}

async function printVariables(context?: string): Promise<void> {
  const environment = context === undefined ? sandbox.environment({ name: SANDBOX }) : undefined;
  const engine = await useEngine((line) => process.stderr.write(`${line}\n`));
  const target = environment
    ? { kubeconfig: environment.kubeconfig, stateFolder: await sandboxState(environment) }
    : await ownTarget(context as string);
  // PATH already has the engine's folder; this adds kubectl's.
  const variables = {
    ...engine.variables,
    ...(environment && sandbox.environmentVariables(environment)),
    ...stackVariables(place(target, context)),
  };
  tell(sandbox.exportLines(variables));
}

/** The stack's state is deleted with the cluster: there is nothing left to destroy. */
async function takeSandboxDown(): Promise<void> {
  await sandbox.down({ name: SANDBOX, progress: createProgress() });
  await rm(join(demoFolder(), SANDBOX), { recursive: true, force: true });
  await rm(configFile(STACKS.sandbox), { force: true });
}

async function takeOwnDown(context: string): Promise<void> {
  const target = await ownTarget(context);
  const stack = await openProgramStack(place(target, context), await useEngine(tell));
  await stack.destroy({ onEvent: engineReport(write) });
  await rm(target.stateFolder, { recursive: true, force: true });
  await rm(configFile(STACKS.own), { force: true });
  tell(
    "Istio's custom resource definitions stay, as Helm is told; without any: kubectl get crd -o name | grep istio.io | xargs kubectl delete",
  );
}

function tell(text: string): void {
  write(`${text}\n`);
}

function write(text: string): void {
  process.stdout.write(text);
}

main().catch((error: unknown) => {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
