import { spawn } from "node:child_process";
import type { ChartInstall, Manifest, RenderedStep } from "./steps";

/** The programs with which a cluster is changed where there is no engine. */
export interface ClusterTools {
  /** The path of kubectl. */
  kubectl: string;
  /** The path of helm; only called if there is a chart to install. */
  helm: () => Promise<string>;
  /** Variables for both, e.g. KUBECONFIG. */
  variables: Record<string, string>;
}

/** Owns the fields that are applied, so that a second run changes just what differs. */
const FIELD_MANAGER = "canary-app";

/**
 * Brings rendered steps to the cluster, each after the ones before it are ready. No state is kept and nothing is ever
 * deleted: that takes Pulumi's engine.
 *
 * @param tell Is told about each step before it is taken.
 * @throws Error with what kubectl or helm said.
 */
export async function apply(steps: readonly RenderedStep[], tools: ClusterTools, tell: (what: string) => void): Promise<void> {
  for (const { manifest, install } of steps) {
    if (install !== undefined) {
      tell(`helm upgrade --install ${install.release}`);
      await runHelm(install, tools);
    } else if (manifest !== undefined) {
      tell(`kubectl apply --server-side ${describe(manifest)}`);
      await runKubectl(["apply", "--server-side", "--force-conflicts", `--field-manager=${FIELD_MANAGER}`, "-f", "-"], tools, manifest);
      await waitUntilAvailable(manifest, tools);
    }
  }
}

/**
 * Takes rendered steps away again, the last one first. What is not there any more is passed over; the CRDs of charts stay.
 *
 * @throws Error with what kubectl or helm said.
 */
export async function remove(steps: readonly RenderedStep[], tools: ClusterTools): Promise<void> {
  for (const { manifest, install } of [...steps].reverse()) {
    if (install !== undefined) {
      await run(await tools.helm(), ["uninstall", install.release, "--namespace", install.namespace, "--ignore-not-found", "--wait"], tools.variables, "");
    } else if (manifest !== undefined) {
      await runKubectl(["delete", "--ignore-not-found", "-f", "-"], tools, manifest);
    }
  }
}

/** What applying the steps would change, as `kubectl diff` tells it; "" if nothing. Charts are left out. */
export async function diff(steps: readonly RenderedStep[], tools: ClusterTools): Promise<string> {
  const objects = steps.flatMap(({ manifest }) => manifest ?? []);
  const text = objects.map(asYaml).join("\n---\n");
  const args = ["diff", "--server-side", "--force-conflicts", `--field-manager=${FIELD_MANAGER}`, "-f", "-"];
  // Exit code 1 says that there are differences.
  return (await run(tools.kubectl, args, tools.variables, text, [0, 1])).stdout;
}

function describe({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;
}

async function waitUntilAvailable({ kind, metadata }: Manifest, tools: ClusterTools): Promise<void> {
  if (kind === "Deployment") {
    const target = ["-n", metadata.namespace ?? "default", `deployment/${metadata.name}`];
    await runKubectl(["rollout", "status", "--timeout=300s", ...target], tools);
  }
}

async function runKubectl(args: string[], { kubectl, variables }: ClusterTools, input?: Manifest): Promise<void> {
  await run(kubectl, args, variables, input === undefined ? "" : asYaml(input));
}

async function runHelm(install: ChartInstall, { helm, variables }: ClusterTools): Promise<void> {
  const source = [install.chart, ...(install.repository ? ["--repo", install.repository] : []), ...(install.version ? ["--version", install.version] : [])];
  const args = ["upgrade", "--install", install.release, ...source, "--namespace", install.namespace, "--wait", "--timeout", `${install.timeout}s`, "--values", "-"];
  await run(await helm(), args, variables, asYaml(install.values));
}

/** JSON, which is YAML of every version: kubectl and helm read a text such as "on" or "no" as true or false if it has no quotes. */
function asYaml(data: object): string {
  return JSON.stringify(data);
}

interface Output {
  stdout: string;
  stderr: string;
}

function run(program: string, args: string[], variables: Record<string, string>, input: string, accepted: readonly number[] = [0]): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...variables }, stdio: ["pipe", "pipe", "pipe"] });
    const output: Output = { stdout: "", stderr: "" };
    child.stdout.on("data", (data) => (output.stdout += data));
    child.stderr.on("data", (data) => (output.stderr += data));
    child.on("error", reject);
    child.on("close", (code) =>
      accepted.includes(code ?? -1) ? resolve(output) : reject(new Error(`${program} ${args.join(" ")} ended with ${code}:\n${output.stderr.trim()}`)),
    );
    child.stdin.on("error", () => undefined); // a program that ends early says why on stderr
    child.stdin.end(input);
  });
}
