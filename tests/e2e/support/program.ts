import { rm } from "node:fs/promises";
import type { Stack } from "@pulumi/pulumi/automation";
import type { Target } from "../../../demo/target";
import type { Engine } from "../../../engine/engine";
import { configFile, openProgramStack, stackVariables, writeStackConfig } from "../../../engine/programStack";
import { cluster } from "./cluster";
import { Kubectl } from "./kubectl";
import { removeSharedMesh, sharedMesh } from "./mesh";

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

/** The tests' cluster without the Istio that suites share: for those that install their own. */
export async function testTarget(): Promise<Target> {
  await removeSharedMesh();
  return cluster();
}

/** Opens the program's stack of this name on the tests' cluster, with the dev stack's config: it installs Istio. */
export async function openProgram(engine: Engine, name: string): Promise<ProgramUnderTest> {
  const { mesh } = await testTarget();
  // Without the gateway's address, so that reading it from its Service is tested too.
  return open(engine, name, { ...mesh, gateway: {} });
}

/** Opens the program's stack of this name, for the Istio that suites share. */
export async function openProgramInMesh(engine: Engine, name: string): Promise<ProgramUnderTest> {
  const { address } = await sharedMesh(engine);
  return open(engine, name, { install: false, gateway: { address } });
}

async function open(engine: Engine, name: string, mesh: object): Promise<ProgramUnderTest> {
  const { kubeconfig, kubectl, stateFolder } = await cluster();
  const place = { name, stateFolder, kubeconfig };
  const stack = await openProgramStack({ ...place, config: { mesh } }, engine);
  const configure = (config: Record<string, unknown>) => writeStackConfig({ ...place, config: { mesh, ...config } });
  return { stack, kubectl: new Kubectl(kubectl, kubeconfig), configure, env: { ...process.env, ...stackVariables(place) } };
}

/** Removes a stack's config file; its state goes with the cluster. */
export function forgetProgram(name: string): Promise<void> {
  return rm(configFile(name), { force: true });
}
