import { isatty } from "node:tty";
import { errorMessage } from "../http/errorMessage";
import { type HttpResponse, request } from "../http/request";
import { shownUrl } from "../http/url";
import { type Access, accessTo, retire } from "./access";
import type { NamedCluster } from "./namedCluster";
import type { PluginSurroundings } from "./plugin";
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

/** Reads from the API server of a cluster, with the rights of a kubeconfig's user. */
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
   * @param surroundings @default those of the process
   * @throws Error if there is no such file or context, or it says what is wrong or not supported
   */
  static async of(
    reference: ClusterReference = {},
    surroundings: Surroundings = OWN_SURROUNDINGS,
  ): Promise<KubernetesApi> {
    return new KubernetesApi(await findTarget(reference, surroundings), surroundings);
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

  /** A text by its path, e.g. that of a pod's own port. Rejects with what the API server says if it is no 2xx. */
  async text(path: string, signal: AbortSignal): Promise<string> {
    const access = await this.current(signal);
    let answer = await this.get(path, access, signal);
    if (answer.status === 401) {
      // Tokens run out; a new one is had by asking for it, once for all requests that were refused with the old one.
      answer = await this.get(path, await this.current(signal, access), signal);
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

  private async get(path: string, { agent, headers }: Access, signal: AbortSignal): Promise<HttpResponse> {
    try {
      const base = this.target.cluster.server.href.replace(/[?#].*$/, "").replace(/\/+$/, "");
      return await request({ url: new URL(base + path), headers: await headers(), agent }, signal);
    } catch (error) {
      throw this.unreachable(error, signal);
    }
  }

  private unreachable(error: unknown, signal: AbortSignal): Error {
    signal.throwIfAborted();
    return new Error(`the API server at ${this.server} cannot be reached: ${errorMessage(error)}`);
  }
}

/** The same, or the signal's reason as soon as it says stop. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) {
      stop();
    }
    signal.addEventListener("abort", stop, { once: true });
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
