import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { isIPv6 } from "node:net";
import { type Cluster, readCluster } from "./cluster";
import { type Kubeconfig, merged, parseKubeconfig, selected } from "./kubeconfig";
import { ANONYMOUS, type User, readUser } from "./user";

/** A cluster, and the user who connects to it. */
export interface Target {
  cluster: Cluster;
  user: User;
  /** The kubeconfig's context; undefined for a pod's own account. */
  context?: string;
}

/** How a cluster is selected; all fields are optional. */
export interface TargetReference {
  /**
   * A path, several as `KUBECONFIG` has them, or the content.
   * @default as kubectl finds it: `KUBECONFIG`, `~/.kube/config`, or the pod's own account
   */
  kubeconfig?: string;
  /** @default the current one */
  context?: string;
  /** A cluster of the kubeconfig, in place of the context's. @default the context's */
  cluster?: string;
  /** The folder that relative paths start from. @default this process's */
  folder?: string;
  /**
   * The whole environment in which the kubeconfig is looked for, plugins run and proxies are named.
   * @default this process's
   */
  env?: NodeJS.ProcessEnv;
}

/** Where a kubeconfig is looked for when none is given. */
export interface Places {
  /** `KUBECONFIG`, `HOME`, and in a pod `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`. */
  env: NodeJS.ProcessEnv;
  /** The folder in which a pod has the token and the authority of its account. */
  serviceAccount: string;
}

/**
 * The cluster and user that a kubeconfig names.
 *
 * @throws Error if there is no such file or context, or it says what is wrong or not supported
 */
export async function findTarget(reference: TargetReference, places: Places): Promise<Target> {
  const { kubeconfig, context, cluster, folder = process.cwd() } = reference;
  const found = await (kubeconfig === undefined || kubeconfig === ""
    ? kubectlsOwn(places.env, folder)
    : given(kubeconfig, homeOf(places.env), folder));
  if (found === undefined) {
    return podsOwn(context, places);
  }
  const selection = selected(found, context, cluster);
  return {
    cluster: readCluster(selection.cluster),
    user: selection.user === undefined ? ANONYMOUS : readUser(selection.user),
    context: selection.context,
  };
}

/** Whether it is the content of a kubeconfig, and not the path of one. */
export function isKubeconfigContent(text: string): boolean {
  return /^\s*\{|\n/.test(text);
}

async function given(kubeconfig: string, home: string, folder: string): Promise<Kubeconfig> {
  if (isKubeconfigContent(kubeconfig)) {
    return parseKubeconfig(kubeconfig, "the kubeconfig", folder);
  }
  const paths = await pathsIn(kubeconfig, home, folder);
  return merged(await Promise.all(paths.map(readKubeconfig)));
}

/** The absolute path of a kubeconfig, as the Kubernetes provider takes it: `~` is the user's home. */
export function kubeconfigPath(path: string, home: string, folder: string): string {
  return resolve(
    folder,
    path.replace(/^~(?=$|[\\/])/, () => home),
  );
}

/** A path may hold the sign that parts paths; it is a list only if there is no such file. */
async function pathsIn(text: string, home: string, folder: string): Promise<string[]> {
  const whole = kubeconfigPath(text, home, folder);
  const isFile = await stat(whole).then(
    () => true,
    () => false,
  );
  return isFile
    ? [whole]
    : text
        .split(delimiter)
        .filter((path) => path !== "")
        .map((path) => kubeconfigPath(path, home, folder));
}

/** What kubectl would read; undefined if it would find nothing. Of several files, those that are not there are left out. */
async function kubectlsOwn(env: NodeJS.ProcessEnv, folder: string): Promise<Kubeconfig | undefined> {
  const paths = candidates(env).map((path) => resolve(folder, path));
  const read = await Promise.all(
    paths.map((path) =>
      readKubeconfig(path).catch((error: Error & { cause?: NodeJS.ErrnoException }) => {
        if (error.cause?.code === "ENOENT") {
          return undefined;
        }
        throw error;
      }),
    ),
  );
  const there = read.flatMap((kubeconfig) => kubeconfig ?? []);
  return there.length === 0 ? undefined : merged(there);
}

function candidates(env: NodeJS.ProcessEnv): string[] {
  const listed = (env.KUBECONFIG ?? "").split(delimiter).filter((path) => path !== "");
  return listed.length > 0 ? listed : [join(homeOf(env), ".kube", "config")];
}

/** The user's home, in which `~/.kube/config` is. */
export function homeOf(env: NodeJS.ProcessEnv): string {
  return env.HOME || homedir();
}

async function readKubeconfig(file: string): Promise<Kubeconfig> {
  const title = `the kubeconfig ${file}`;
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${title} cannot be read: ${error.message}`, { cause: error });
  });
  return parseKubeconfig(text, title, dirname(file));
}

/** The cluster in which this process runs in a pod, by the pod's account. */
async function podsOwn(context: string | undefined, { env, serviceAccount }: Places): Promise<Target> {
  const { KUBERNETES_SERVICE_HOST: host = "", KUBERNETES_SERVICE_PORT: port = "" } = env;
  const [tokenFile, authority] = [join(serviceAccount, "token"), join(serviceAccount, "ca.crt")];
  const [hasToken, hasAuthority] = await Promise.all(
    [tokenFile, authority].map((file) =>
      stat(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  if (host === "" || port === "" || !hasToken) {
    throw new Error(
      `there is no kubeconfig: looked for ${candidates(env).join(", ")}, and this process does not run in a pod; set KUBECONFIG or kubernetes:kubeconfig`,
    );
  }
  if (context !== undefined) {
    throw new Error(`there is no kubeconfig that could have a context "${context}": a pod's own account has none`);
  }
  return {
    cluster: {
      server: new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`),
      ca: hasAuthority ? { title: "the authority of the pod's account", file: authority } : undefined,
      skipTlsVerify: false,
    },
    user: { ...ANONYMOUS, title: "the pod's account", tokenFile },
  };
}
