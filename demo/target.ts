import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import * as sandbox from "../sandbox";
import type { Progress } from "../sandbox/progress";
import { userState } from "../sandbox/userFolders";

/** The cluster that the demo uses. */
export interface Target {
  /** A description for people. */
  description: string;
  /** The kubeconfig to use. */
  kubeconfig: string;
  /** The path of kubectl. */
  kubectl: string;
  /** What the stack's config needs in addition to the dev stack's to install Istio there. */
  mesh?: Record<string, unknown>;
  /** Where the demo keeps the stack's state. */
  stateFolder: string;
}

/** The folder for files of the demo that must outlive it. */
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
 * Where the state of the demo's stack on a sandbox is kept: a folder for each life of the sandbox, because the state of
 * a deleted cluster would make Pulumi look for what no longer exists.
 */
export async function sandboxState({ name, kubectl, kubeconfig }: sandbox.Environment): Promise<string> {
  const life = ["get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"];
  const { stdout } = await promisify(execFile)(kubectl, life, { env: { ...process.env, KUBECONFIG: kubeconfig } });
  return join(demoFolder(), name, stdout);
}

/**
 * The user's own cluster: a context of their kubeconfig. Istio comes from its public charts. The demo writes a
 * kubeconfig with that context alone, so that it does not depend on which context is current while it runs.
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
