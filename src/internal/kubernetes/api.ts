import type { OutgoingHttpHeaders } from "node:http";
import { Agent, type RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { errorMessage } from "../http/errorMessage";
import { request } from "../http/request";

/** Which cluster is meant. */
export interface ClusterReference {
  /**
   * The kubeconfig's path, or its content.
   * @default as kubectl finds it: `KUBECONFIG`, `~/.kube/config`, or the pod's own account
   */
  kubeconfig?: string;
  /** The context in it. @default the current one */
  context?: string;
}

/** The part of an object that is the same for all kinds. */
export interface ObjectMeta {
  name: string;
  namespace: string;
  uid: string;
  deletionTimestamp?: string;
  labels?: Readonly<Record<string, string>>;
}

/** Reads from the API server of a cluster, with the rights of a kubeconfig's user. */
export class KubernetesApi {
  private access: Promise<Access> | undefined;

  constructor(
    private readonly config: KubeConfig,
    /** The API server's address, for people. */
    readonly server: string,
  ) {}

  /**
   * The cluster that a kubeconfig names.
   * @throws Error if there is no such file or context
   */
  static async of({ kubeconfig, context }: ClusterReference = {}): Promise<KubernetesApi> {
    // It brings the types of all of Kubernetes, which take half a second to load.
    const { KubeConfig } = await import("@kubernetes/client-node");
    const config = new KubeConfig();
    if (kubeconfig === undefined) {
      config.loadFromDefault();
    } else if (/^\s*\{|\n/.test(kubeconfig)) {
      config.loadFromString(kubeconfig);
    } else {
      config.loadFromFile(kubeconfig);
    }
    if (context !== undefined) {
      if (config.getContextObject(context) === null) {
        throw new Error(
          `the kubeconfig has no context "${context}"; it has ${
            config
              .getContexts()
              .map(({ name }) => name)
              .join(", ") || "none"
          }`,
        );
      }
      config.setCurrentContext(context);
    }
    const cluster = config.getCurrentCluster();
    if (cluster === null) {
      throw new Error(`the kubeconfig names no cluster for its context "${config.getCurrentContext()}"`);
    }
    return new KubernetesApi(config, cluster.server);
  }

  /** A text by its path, e.g. that of a pod's own port. Rejects with what the API server says if it is no 2xx. */
  async text(path: string, signal: AbortSignal): Promise<string> {
    const access = (this.access ??= this.authenticated());
    let answer = await this.get(path, access, signal);
    if (answer.status === 401) {
      // Tokens run out; a new one is had by asking for it, once for all requests that were refused with the old one.
      this.access = this.access === access ? this.authenticated() : this.access;
      answer = await this.get(path, this.access ?? access, signal);
    }
    if (answer.status < 200 || answer.status > 299) {
      throw new Error(
        `the API server answered ${answer.status} to GET ${path.replace(/\?.*/, "")}${saidIn(answer.body)}`,
      );
    }
    return answer.body;
  }

  /** An object or list by its path, e.g. `/api/v1/namespaces/shop/pods`. */
  async json<T>(path: string, signal: AbortSignal): Promise<T> {
    return JSON.parse(await this.text(path, signal)) as T;
  }

  /** Gives up open connections, and whatever is asked on them. */
  close(): void {
    void this.access?.then(({ agent }) => agent.destroy()).catch(() => undefined);
    this.access = undefined;
  }

  /** Access that is tried anew the next time if it cannot be had now. */
  private authenticated(): Promise<Access> {
    const access = accessOf(this.config);
    access.catch(() => (this.access = this.access === access ? undefined : this.access));
    return access;
  }

  private async get(path: string, access: Promise<Access>, signal: AbortSignal) {
    try {
      const { agent, headers, auth } = await access;
      return await request({ url: new URL(this.server.replace(/\/+$/, "") + path), headers, auth, agent }, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new Error(`the API server at ${this.server} cannot be reached: ${errorMessage(error)}`);
    }
  }
}

interface Access {
  agent: Agent;
  headers: OutgoingHttpHeaders;
  auth?: string;
}

/** Connections stay open: with one for each request, most of the time would be spent on certificates. */
async function accessOf(config: KubeConfig): Promise<Access> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options;
  const cluster = config.getCurrentCluster();
  const direct = cluster?.proxyUrl === undefined && cluster?.server.startsWith("https:");
  const own = () =>
    new Agent({
      keepAlive: true,
      maxSockets: 8,
      ca,
      cert,
      key,
      pfx,
      passphrase,
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
      ...(servername === undefined ? {} : { servername }),
    });
  return {
    agent: direct ? own() : (options.agent as Agent),
    headers: { ...(options.headers as OutgoingHttpHeaders) },
    auth: options.auth ?? undefined,
  };
}

/** What the API server says of itself why it refuses. */
function saidIn(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: string };
    return message ? `: ${message}` : "";
  } catch {
    return body.trim() === "" || body.length > 300 ? "" : `: ${body.trim()}`;
  }
}
