import { mkdir } from "node:fs/promises";
import { parseArgs } from "node:util";
import { sandboxTarget } from "../demo/target";
import { stackVariables, writeStackConfig } from "../demo/programStack";
import * as sandbox from "../sandbox";
import { createProgress } from "../sandbox/progress";

/** The stack of an example on the sandbox. */
const STACK = "sandbox";

/**
 * Called in an example's folder: brings up the sandbox, writes the config of the example's stack there (that of the dev
 * stack, and where Istio's charts are), and prints the variables with which `pulumi` and `kubectl` work on it, for
 * `eval`.
 */
async function main(): Promise<void> {
  const { name } = parseArgs({ options: { name: { type: "string", default: sandbox.DEFAULT_NAME } } }).values;
  const { kubeconfig, stateFolder, mesh } = await sandboxTarget(createProgress(), name);
  const place = { name: STACK, folder: process.cwd(), kubeconfig, stateFolder, config: { mesh } };
  await mkdir(stateFolder, { recursive: true });
  await writeStackConfig(place);
  const variables = { ...sandbox.environmentVariables(sandbox.environment({ name })), ...stackVariables(place) };
  process.stdout.write(`${sandbox.exportLines(variables)}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
