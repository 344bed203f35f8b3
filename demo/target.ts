import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import * as sandbox from "../sandbox";
import type { Progress } from "../sandbox/progress";
import { userState } from "../sandbox/userFolders";

/** The cluster that the demo works on. */
export interface Target {
  /** What it is, for people. */
  description: string;
  /** The kubeconfig to use. */
  kubeconfig: string;
  /** The path of kubectl. */
  kubectl: string;
  /** What the stack's config needs beside the dev stack's to install Istio there. */
  mesh?: Record<string, unknown>;
  /** Where the demo keeps the stack's state. */
  stateFolder: string;
}

/** Where everything of the demo is kept that must outlive it. */
export function demoFolder(): string {
  return join(userState(), "canary-app");
}

/** The sandbox, brought up if it is not. */
export async function sandboxTarget(progress: Progress, name: string, signal?: AbortSignal): Promise<Target> {
  const environment = await sandbox.up({ name, progress, signal });
  const { charts, values, kubeconfig, kubectl, ingress } = environment;
  const valuesOf = async (chart: string) =>
    parse(await readFile(join(values as string, `${chart}.yaml`), "utf8")) ?? {};
  const mesh = {
    charts,
    baseValues: await valuesOf("base"),
    istiodValues: await valuesOf("istiod"),
    gatewayValues: await valuesOf("gateway"),
    gateway: { address: ingress.address },
  };
  return {
    description: `the sandbox "${name}"`,
    kubeconfig,
    kubectl,
    mesh,
    stateFolder: await sandboxState(environment),
  };
}

/**
 * Where the state of the demo's stack on a sandbox is: a folder for each life of the sandbox, because the state of a
 * cluster that is gone would make Pulumi look for what no longer exists.
 */
export async function sandboxState({ name, kubectl, kubeconfig }: sandbox.Environment): Promise<string> {
  const life = ["get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"];
  const { stdout } = await promisify(execFile)(kubectl, life, { env: { ...process.env, KUBECONFIG: kubeconfig } });
  return join(demoFolder(), name, stdout);
}

/**
 * A cluster of the user's own: a context of their kubeconfig. Istio comes from its public charts. A kubeconfig with
 * that context alone is written for the demo, so that nothing depends on which context is current while it runs.
 */
export async function ownTarget(context: string): Promise<Target> {
  const stateFolder = join(demoFolder(), "contexts", encodeURIComponent(context));
  const kubeconfig = join(stateFolder, "kubeconfig");
  const { stdout } = await promisify(execFile)("kubectl", [
    "config",
    "view",
    "--minify",
    "--flatten",
    `--context=${context}`,
  ]);
  await mkdir(stateFolder, { recursive: true });
  await writeFile(kubeconfig, stdout, { mode: 0o600 });
  return { description: `the context "${context}" of your kubeconfig`, kubeconfig, kubectl: "kubectl", stateFolder };
}
