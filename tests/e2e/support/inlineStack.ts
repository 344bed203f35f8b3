import { mkdir } from "node:fs/promises";
import { LocalWorkspace, type PulumiFn, type Stack } from "@pulumi/pulumi/automation";
import type { Engine } from "../../../sandbox/engine/engine";
import { stackVariables } from "../../../demo/programStack";
import { guardInlinePrograms } from "../../../src/internal/pulumiSdk/inlinePrograms";
import { cluster } from "./cluster";

/** A stack on the tests' cluster whose program is a function of the test. */
export async function openInlineStack(engine: Engine, name: string, program: PulumiFn): Promise<Stack> {
  guardInlinePrograms(require);
  const { kubeconfig, stateFolder } = await cluster();
  await mkdir(stateFolder, { recursive: true });
  const envVars = stackVariables({ name, stateFolder, kubeconfig });
  return LocalWorkspace.createOrSelectStack(
    { stackName: name, projectName: name, program },
    { envVars, pulumiCommand: engine.command },
  );
}
