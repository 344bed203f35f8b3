import { delimiter, join } from "node:path";
import { checkName, subnetOf } from "./addresses";
import { SandboxError } from "./errors";
import { CONTAINERD_NAMESPACE } from "./importing";
import { DEFAULT_NAME, type SandboxOptions } from "./options";
import { pathsOf } from "./paths";
import { isRunning } from "./processes";
import { readState, type State } from "./state";

/** How to use a sandbox that is up. */
export interface Environment {
  /** The sandbox's name, which is also that of the node and of the kubeconfig's only context. */
  readonly name: string;
  /** Path of the kubeconfig, for a user with all rights. */
  readonly kubeconfig: string;
  /** Path of a kubectl of the cluster's version. */
  readonly kubectl: string;
  /** Folders to put in front of PATH. */
  readonly path: readonly string[];
  /** The node's address, reachable from this machine: API server, node ports, external IPs. */
  readonly nodeAddress: string;
  /** Where Istio's ingress gateway answers, if it is installed with the values in `values`. */
  readonly ingress: { readonly address: string; readonly httpPort: 80; readonly httpsPort: 443 };
  /** The folder of Istio's charts; not in a sandbox without mesh. */
  readonly charts?: string;
  /** The folder with one values file for each chart; not in a sandbox without mesh. */
  readonly values?: string;
  /** The socket of the container runtime. */
  readonly containerdAddress: string;
}

/**
 * How to use the sandbox.
 * @throws SandboxError if it is not up
 */
export function environment(options: SandboxOptions = {}): Environment {
  const name = checkName(options.name ?? DEFAULT_NAME);
  return environmentOf(name, runningState(name));
}

/** The environment of a sandbox with that state. */
export function environmentOf(name: string, state: State): Environment {
  const paths = pathsOf(name);
  const { nodeAddress } = subnetOf(state.subnet);
  return {
    name,
    kubeconfig: paths.kubeconfig,
    kubectl: join(state.kubectlFolder, "kubectl"),
    path: [state.kubectlFolder],
    nodeAddress,
    ingress: { address: nodeAddress, httpPort: 80, httpsPort: 443 },
    ...(state.charts === undefined ? {} : { charts: state.charts, values: paths.values }),
    containerdAddress: paths.containerdSocket,
  };
}

/** The same as environment variables for programs: KUBECONFIG, PATH and so on. */
export function environmentVariables(env: Environment): Record<string, string> {
  return {
    KUBECONFIG: env.kubeconfig,
    PATH: [
      ...env.path,
      ...(process.env.PATH ?? "").split(delimiter).filter((folder) => folder && !env.path.includes(folder)),
    ].join(delimiter),
    SANDBOX_ADDRESS: env.nodeAddress,
    ...(env.charts === undefined ? {} : { ISTIO_CHARTS: env.charts }),
    ...(env.values === undefined ? {} : { ISTIO_VALUES: env.values }),
    CONTAINERD_ADDRESS: env.containerdAddress,
    CONTAINERD_NAMESPACE,
  };
}

/** Variables as a script for a shell's `eval`: one `export` per line. */
export function exportLines(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`)
    .join("\n");
}

/**
 * The state of a sandbox that is up.
 * @throws SandboxError with its actual status if it is not
 */
export function runningState(name: string): State {
  const state = readState(pathsOf(name));
  const advice = `Bring it up first: \`up --name ${name}\`.`;
  if (!state) throw new SandboxError(`There is no sandbox "${name}". ${advice}`);
  if (state.phase === "up" && isRunning(state.node)) return state;
  if (state.phase === "starting" && isRunning(state.node))
    throw new SandboxError(`The sandbox "${name}" is being started, or its \`up\` was killed. ${advice}`);
  throw new SandboxError(`The sandbox "${name}" is not up. ${advice}`);
}
