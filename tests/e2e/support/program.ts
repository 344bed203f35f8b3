import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation";
import type { Context } from "mocha";
import { type Target, demoFolder, sandboxTarget } from "../../../demo/target";
import { type Engine, findEngine, isEngine } from "../../../engine/engine";
import { configFile, openProgramStack, writeStackConfig } from "../../../engine/programStack";
import * as sandbox from "../../../sandbox";
import { createProgress } from "../../../sandbox/progress";
import { Kubectl } from "./kubectl";

/** The sandbox of the tests, apart from the demo's; another one lets two runs go side by side. */
export const SANDBOX = process.env.E2E_SANDBOX || "canary-e2e";

/** The program's stack on the tests' sandbox. */
export interface ProgramUnderTest {
  /** The stack of this project's own program. */
  stack: Stack;
  /** kubectl on its cluster. */
  kubectl: Kubectl;
  /** Sets the stack's config anew: the dev stack's, with this on top. */
  configure(config: Record<string, unknown>): Promise<void>;
}

let target: Promise<Target> | undefined;

/** The cluster that all end-to-end tests of one run share; brought up by the first that asks. */
export function testTarget(): Promise<Target> {
  target ??= sandboxTarget(createProgress(), SANDBOX);
  return target;
}

/** Takes the tests' cluster down, if any test brought it up; with KEEP_SANDBOX set it stays for the next run. */
export async function endTarget(): Promise<void> {
  if (target !== undefined && !process.env.KEEP_SANDBOX) {
    await sandbox.down({ name: SANDBOX, progress: createProgress() });
    await rm(join(demoFolder(), SANDBOX), { recursive: true, force: true });
  }
}

/** The engine; where there is none, the tests of the running suite are skipped, and it is said why, for all to see. */
export async function requireEngine(suite: Context): Promise<Engine> {
  const engine = await findEngine();
  if (isEngine(engine)) {
    return engine;
  }
  process.stdout.write(`\n    !!! SKIPPED, NO PULUMI ENGINE: ${engine.reasons.join("; ")}\n\n`);
  return suite.skip();
}

/** Opens the program's stack of this name on the tests' cluster, with the dev stack's config. */
export async function openProgram(engine: Engine, name: string): Promise<ProgramUnderTest> {
  const { kubeconfig, kubectl, mesh: given, stateFolder } = await testTarget();
  // Without the gateway's address, so that reading it from its Service is tested too.
  const mesh = { ...given, gateway: {} };
  const place = { name, stateFolder, kubeconfig };
  const stack = await openProgramStack({ ...place, config: { mesh } }, engine);
  return { stack, kubectl: new Kubectl(kubectl, kubeconfig), configure: (config) => writeStackConfig({ ...place, config: { mesh, ...config } }) };
}

/** Removes a stack's config file; its state goes with the cluster. */
export function forgetProgram(name: string): Promise<void> {
  return rm(configFile(name), { force: true });
}
