import { Agent, type OutgoingHttpHeaders } from "node:http";
import { isatty } from "node:tty";
import { sharedByMany } from "../abortSignals";
import { errorMessage } from "../http/errorMessage";
import { type HttpResponse, request } from "../http/request";
import { shownUrl } from "../http/url";
import { openWebSocket, WebSocketStream } from "../http/webSocket";
import { type Access, accessTo, retire } from "./access";
import type { NamedCluster } from "./namedCluster";
import type { PluginSurroundings } from "./plugin";
import { PodConnection, PORT_FORWARD_PROTOCOL } from "./podConnection";
import { type Places, type Target, type TargetReference, findTarget } from "./target";

/** Which cluster is meant. */
export type ClusterReference = TargetReference;

/** The part of an object that is the same for all kinds. */
export interface ObjectMeta {
  name: string;
  namespace: string;
  uid: string;
  deletionTimestamp?: string;
  labels?: Readonly<Record<string, string>>;
}

/** Where kubeconfigs are looked for, and where plugins run. */
export type Surroundings = Places & PluginSurroundings;

const OWN_SURROUNDINGS: Surroundings = {
  env: process.env,
  serviceAccount: "/var/run/secrets/kubernetes.io/serviceaccount",
  terminal: isatty(0),
};

/** There is no way to the API server, or no way to log in. */
export class ApiServerUnreachableError extends Error {
  constructor(server: string, cause: unknown) {
    super(`the API server at ${server} cannot be reached: ${errorMessage(cause)}`);
    this.name = "ApiServerUnreachableError";
  }
}

/** Which port of a pod is asked for something, and for what. */
export interface PodRequest {
  namespace: string;
  pod: string;
  port: number;
  /** With its query, e.g. `/stats?filter=x`. */
  path: string;
}

/** What goes with a request, and which statuses besides 2xx are as good. */
interface Asked {
  headers?: OutgoingHttpHeaders;
  body?: string;
  besides?: readonly number[];
}

/** Asks the API server of a cluster, with the rights of a kubeconfig's user. */
export class KubernetesApi {
  private access: Promise<Access> | undefined;
  private readonly opened = new Set<Access>();
  private closing = new AbortController();

  private constructor(
    private readonly target: Target,
    private readonly surroundings: Surroundings,
  ) {}

  /**
   * The cluster that a kubeconfig names.
   *
   * @param surroundings Their `env` counts where the reference has none. @default those of the process
   * @throws Error if there is no such file or context, or it says what is wrong or not supported
   */
  static async of(
    reference: ClusterReference = {},
    surroundings: Surroundings = OWN_SURROUNDINGS,
  ): Promise<KubernetesApi> {
    const around = { ...surroundings, env: reference.env ?? surroundings.env };
    return new KubernetesApi(await findTarget(reference, around), around);
  }

  /** The API server's address, for people. */
  get server(): string {
    return shownUrl(this.target.cluster.server);
  }

  /** Which cluster it is, for people. */
  get named(): NamedCluster {
    const { context } = this.target;
    return { server: this.server, ...(context === undefined ? {} : { context }) };
  }

  /** A text by its path. Rejects with what the API server says if its answer is no 2xx. */
  async text(path: string, signal: AbortSignal): Promise<string> {
    return this.answerTo("GET", path, signal);
  }

  /** Removes an object by its path; one that is not there any more is no error. */
  async remove(path: string, signal: AbortSignal): Promise<void> {
    await this.answerTo("DELETE", path, signal, { besides: [404] });
  }

  /**
   * Makes an object what a field manager wants of it, by server-side apply: what other managers own stays, and where they
   * own a field with another value, nothing is changed. Rejects as {@link text} does.
   */
  async apply(path: string, object: object, fieldManager: string, signal: AbortSignal): Promise<void> {
    const query = new URLSearchParams({ fieldManager, force: "false" });
    await this.answerTo("PATCH", `${path}?${query}`, signal, {
      headers: { "content-type": "application/apply-patch+yaml" }, // of which JSON is a part
      body: JSON.stringify(object),
    });
  }

  /** What a pod's own port answers to a GET, asked by the API server itself: it has to reach the pod's address. */
  proxiedText({ namespace, pod, port, path }: PodRequest, signal: AbortSignal): Promise<string> {
    return this.text(`${podPath(namespace, pod)}:${port}/proxy${path}`, signal);
  }

  /**
   * The same, through the pod's kubelet, as `kubectl port-forward` has it: the API server has to reach the kubelet's
   * port alone, and no network policy stands between the kubelet and the pod. Rejects as {@link text} does, or with what
   * the kubelet says.
   */
  async forwardedText({ namespace, pod, port, path }: PodRequest, signal: AbortSignal): Promise<string> {
    const forward = `${podPath(namespace, pod)}/portforward?ports=${port}`;
    const opened = await this.withAccess((access) => this.open(forward, access, signal), signal);
    if (!(opened instanceof WebSocketStream)) {
      throw refusal("GET", forward, opened);
    }
    const connection = new PodConnection(opened);
    const agent = new Agent();
    agent.createConnection = () => connection as never;
    try {
      const { status, body } = await request({ url: new URL(`http://localhost:${port}${path}`), agent }, signal);
      if (status < 200 || status > 299) {
        throw new Error(`port ${port} of pod ${pod} in ${namespace} answered ${status}`);
      }
      return body;
    } finally {
      connection.destroy();
    }
  }

  /** An object or list by its path, e.g. `/api/v1/namespaces/shop/pods`. */
  async json<T>(path: string, signal: AbortSignal): Promise<T> {
    return JSON.parse(await this.text(path, signal)) as T;
  }

  /** Gives up open connections, and whatever is asked on them. */
  close(): void {
    this.closing.abort(new Error("the connection to the API server is closed"));
    this.closing = new AbortController();
    this.opened.forEach(({ agent }) => agent.destroy());
    this.opened.clear();
    this.access = undefined;
  }

  /** Access that has not expired, and is another one than that which the API server has refused. */
  private async current(signal: AbortSignal, refused?: Access): Promise<Access> {
    signal.throwIfAborted();
    try {
      const pending = (this.access ??= this.authenticated());
      const held = await orAborted(pending, signal);
      if (held !== refused && held.expires > Date.now()) {
        return held;
      }
      if (this.access === pending) {
        this.access = this.authenticated();
        retire(held);
      }
      return await orAborted(this.access ?? pending, signal);
    } catch (error) {
      throw this.unreachable(error, signal);
    }
  }

  /** Access that is tried anew the next time if it cannot be had now. */
  private authenticated(): Promise<Access> {
    const closing = this.closing.signal;
    const access = accessTo(this.target, this.surroundings, closing).then((made) => {
      closing.throwIfAborted();
      this.opened.add(made);
      return made;
    });
    access.catch(() => (this.access = this.access === access ? undefined : this.access));
    return access;
  }

  /** Asks for something, and once more with new credentials if the API server no longer takes those that there are. */
  private async withAccess<T extends HttpResponse | WebSocketStream>(
    ask: (access: Access) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const askWith = (access: Access) =>
      ask(access).catch((error: unknown) => {
        throw this.unreachable(error, signal);
      });
    const access = await this.current(signal);
    const answer = await askWith(access);
    // Tokens run out; a new one is had by asking for it, once for all requests that were refused with the old one.
    return "status" in answer && answer.status === 401 ? askWith(await this.current(signal, access)) : answer;
  }

  private async answerTo(
    method: string,
    path: string,
    signal: AbortSignal,
    { besides = [], headers: more, body: sent }: Asked = {},
  ): Promise<string> {
    const ask = async ({ agent, headers }: Access) =>
      request({ url: this.urlOf(path), method, headers: { ...(await headers()), ...more }, body: sent, agent }, signal);
    const answer = await this.withAccess(ask, signal);
    const { status, body } = answer;
    if ((status < 200 || status > 299) && !besides.includes(status)) {
      throw refusal(method, path, answer);
    }
    return body;
  }

  private async open(
    path: string,
    { agent, headers }: Access,
    signal: AbortSignal,
  ): Promise<WebSocketStream | HttpResponse> {
    const asked = { url: this.urlOf(path), headers: await headers(), agent, protocol: PORT_FORWARD_PROTOCOL };
    return openWebSocket(asked, signal);
  }

  private urlOf(path: string): URL {
    return new URL(this.target.cluster.server.href.replace(/[?#].*$/, "").replace(/\/+$/, "") + path);
  }

  private unreachable(error: unknown, signal: AbortSignal): Error {
    signal.throwIfAborted();
    return new ApiServerUnreachableError(this.server, error);
  }
}

function podPath(namespace: string, pod: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}`;
}

function refusal(method: string, path: string, { status, body }: HttpResponse): Error {
  return new Error(`the API server answered ${status} to ${method} ${path.replace(/\?.*/, "")}${saidIn(body)}`);
}

/** The same, or the signal's reason as soon as it says stop. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) {
      stop();
    }
    sharedByMany(signal).addEventListener("abort", stop, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
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
