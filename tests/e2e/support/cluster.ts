import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Target, demoFolder, sandboxTarget } from "../../../demo/target";
import * as sandbox from "../../../sandbox";
import { createProgress } from "../../../sandbox/progress";
import { Ground } from "./ground";
import { Kubectl } from "./kubectl";
import { forgetStacks } from "./stackFiles";

/** The sandbox of the tests, apart from the demo's; another one lets two runs go side by side. */
export const SANDBOX = process.env.E2E_SANDBOX || "canary-e2e";

let target: Promise<Target> | undefined;
let ground: Promise<Ground> | undefined;

/** The cluster that all end-to-end tests of one run share, as it is; brought up by the first that asks. */
export function cluster(): Promise<Target> {
  target ??= sandboxTarget(createProgress(), SANDBOX);
  return target;
}

/** The ground on that cluster. */
export function clusterGround(): Promise<Ground> {
  const groundOf = ({ kubectl, kubeconfig, stateFolder }: Target) =>
    new Ground(new Kubectl(kubectl, kubeconfig), stateFolder);
  ground ??= cluster().then(groundOf);
  return ground;
}

/** Whether a test has asked for the cluster. */
export function isClusterInUse(): boolean {
  return target !== undefined;
}

/** Whether the cluster is up, from an earlier run that kept it or for this one. */
export async function isClusterThere(): Promise<boolean> {
  return (await sandbox.status({ name: SANDBOX })).phase === "up";
}

/** Takes the tests' cluster down, if any test brought it up; with KEEP_SANDBOX set it stays for the next run. */
export async function endCluster(): Promise<void> {
  if (target !== undefined && !process.env.KEEP_SANDBOX) {
    await endSandbox(SANDBOX);
  }
}

/** Takes a sandbox of tests down, with the states and the config of the stacks that were on it. */
export async function endSandbox(name: string): Promise<void> {
  await sandbox.down({ name, progress: createProgress() });
  const folder = join(demoFolder(), name);
  const lives = await readdir(folder).catch(() => []);
  await Promise.all(lives.map((life) => forgetStacks(join(folder, life), [])));
  await rm(folder, { recursive: true, force: true });
}
