import { testEngine } from "./engine";
import type { Kubectl } from "./kubectl";
import { openProgramInMesh } from "./program";

/** The program's app with two versions that share its requests evenly. */
export interface AnyApp {
  kubectl: Kubectl;
  /** Where its gateway answers. */
  url: string;
}

/** Brings it up, in the Istio that suites share. */
export async function openAnyApp(stackName: string): Promise<AnyApp> {
  const { stack, kubectl, configure } = await openProgramInMesh(await testEngine(), stackName);
  await configure({ weight: 50 });
  const { outputs } = await stack.up();
  return { kubectl, url: outputs.url.value as string };
}
