import { WithoutEngine } from "../../../demo/withoutEngine";
import { findEngine, isEngine } from "../../../engine/engine";
import { silentProgress } from "../../../sandbox/progress";
import { Kubectl } from "./kubectl";
import { openProgramInMesh, emptyCluster } from "./program";

/** The program's app with two versions that share its requests evenly, however it came. */
export interface AnyApp {
  kubectl: Kubectl;
  /** Where its gateway answers. */
  url: string;
}

/** Brings it up: by the engine, in the Istio that suites share; where there is no engine, with an Istio of its own. */
export async function openAnyApp(stackName: string): Promise<AnyApp> {
  const engine = await findEngine();
  if (!isEngine(engine)) {
    return withoutEngine();
  }
  const { stack, kubectl, configure } = await openProgramInMesh(engine, stackName);
  await configure({ weight: 50 });
  const { outputs } = await stack.up();
  return { kubectl, url: outputs.url.value as string };
}

async function withoutEngine(): Promise<AnyApp> {
  const target = await emptyCluster();
  const way = new WithoutEngine(target, silentProgress(), () => undefined);
  return { kubectl: new Kubectl(target.kubectl, target.kubeconfig), url: await way.bringUp(50) };
}
