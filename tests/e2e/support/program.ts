import type { Stack } from "@pulumi/pulumi/automation";
import type { Target } from "../../../demo/target";
import type { Engine } from "../../../sandbox/engine/engine";
import { openProgramStack, stackVariables, writeStackConfig } from "../../../demo/programStack";
import { cluster, clusterGround } from "./cluster";
import { Kubectl } from "./kubectl";
import { sharedMesh } from "./mesh";

/** The namespace of the program's app. */
const NAMESPACE = "myapp";

/** The program's stack on the tests' sandbox. */
export interface ProgramUnderTest {
  /** The stack of this project's own program. */
  stack: Stack;
  /** kubectl on its cluster. */
  kubectl: Kubectl;
  /** Sets the stack's config anew: the dev stack's, with this on top. */
  configure(config: Record<string, unknown>): Promise<void>;
  /** The variables with which a process works on the stack. */
  env: NodeJS.ProcessEnv;
}

/** The tests' cluster with nothing on it that suites share: for those that install their own Istio, or want none. */
export async function emptyCluster(): Promise<Target> {
  await (await clusterGround()).clearAltogether();
  return cluster();
}

/** Opens the program's stack of this name on the tests' cluster, with the dev stack's config: it installs Istio. */
export async function openProgram(engine: Engine, name: string): Promise<ProgramUnderTest> {
  const { mesh } = await emptyCluster();
  // Without the gateway's address, so that reading it from its Service is tested too.
  return open(engine, name, { ...mesh, gateway: {} });
}

/**
 * Opens the program's stack of this name, for the Istio that suites share. Another stack of the program gives way to
 * it.
 */
export async function openProgramInMesh(engine: Engine, name: string): Promise<ProgramUnderTest> {
  await (await clusterGround()).claim(NAMESPACE);
  const { address } = await sharedMesh(engine);
  return open(engine, name, { install: false, gateway: { address } });
}

async function open(engine: Engine, name: string, mesh: object): Promise<ProgramUnderTest> {
  const { kubeconfig, kubectl, stateFolder } = await cluster();
  const place = { name, stateFolder, kubeconfig };
  const stack = await openProgramStack({ ...place, config: { mesh } }, engine);
  const configure = (config: Record<string, unknown>) => writeStackConfig({ ...place, config: { mesh, ...config } });
  return {
    stack,
    kubectl: new Kubectl(kubectl, kubeconfig),
    configure,
    env: { ...process.env, ...stackVariables(place) },
  };
}
