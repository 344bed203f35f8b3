import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { parse, parseAllDocuments } from "yaml";
import { SandboxError } from "./errors";

/** A Kubernetes object, with the fields that are used here. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** The plural names, by kind, of what the sandbox itself applies. */
const PLURALS: Readonly<Record<string, string>> = {
  ClusterRole: "clusterroles",
  ClusterRoleBinding: "clusterrolebindings",
  ConfigMap: "configmaps",
  Deployment: "deployments",
  Service: "services",
  ServiceAccount: "serviceaccounts",
};

/** How long one request may take. */
const REQUEST_MS = 10_000;

/** A response of the API server. */
interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A small, fast client for a sandbox's API server. */
export class ApiServer {
  private readonly agent: Agent;
  private readonly base: URL;

  /** @param kubeconfig a file with one cluster and one user, certificates included */
  constructor(kubeconfig: string) {
    const content = parse(readFileSync(kubeconfig, "utf8")) as {
      clusters: { cluster: { server: string; "certificate-authority-data": string } }[];
      users: { user: { "client-certificate-data": string; "client-key-data": string } }[];
    };
    const { cluster } = content.clusters[0];
    const { user } = content.users[0];
    const decoded = (data: string): Buffer => Buffer.from(data, "base64");
    this.base = new URL(cluster.server);
    this.agent = new Agent({
      keepAlive: true,
      ca: decoded(cluster["certificate-authority-data"]),
      cert: decoded(user["client-certificate-data"]),
      key: decoded(user["client-key-data"]),
    });
  }

  /** Closes the connections. */
  close(): void {
    this.agent.destroy();
  }

  /** Whether the server reports that it is ready. Not an error if it cannot be reached. */
  async isReady(): Promise<boolean> {
    try {
      return (await this.send("GET", "/readyz")).status === 200;
    } catch {
      return false;
    }
  }

  /** The object or list at `path`; undefined if there is none, or the server cannot be reached just now. */
  async get<T>(path: string): Promise<T | undefined> {
    let answer: Answer;
    try {
      answer = await this.send("GET", path);
    } catch {
      return undefined;
    }
    return answer.status === 200 ? (JSON.parse(answer.body) as T) : undefined;
  }

  /**
   * Applies every object in a YAML file, in its order, by server-side apply.
   * @throws SandboxError if the server refuses one
   */
  async apply(manifest: string): Promise<void> {
    for (const document of parseAllDocuments(manifest)) {
      const object = document.toJS() as KubernetesObject | null;
      if (!object) continue;
      const answer = await this.send(
        "PATCH",
        `${pathOf(object)}?fieldManager=canary-sandbox&force=true`,
        JSON.stringify(object),
      );
      if (answer.status >= 300) {
        throw new SandboxError(
          `The API server refuses ${object.kind} ${object.metadata.name} with status ${answer.status}: ${answer.body.trim()}`,
        );
      }
    }
  }

  private send(method: string, path: string, body?: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(
        new URL(path, this.base),
        {
          method,
          agent: this.agent,
          timeout: REQUEST_MS,
          headers: {
            accept: "application/json",
            ...(body === undefined
              ? {}
              : { "content-type": "application/apply-patch+yaml", "content-length": Buffer.byteLength(body) }),
          },
        },
        (response) => {
          let received = "";
          response.setEncoding("utf8");
          response.on("data", (data) => (received += data));
          response.on("end", () => resolve({ status: response.statusCode ?? 0, body: received }));
          response.on("error", reject);
        },
      );
      sent.on("timeout", () => sent.destroy(new Error(`no answer within ${REQUEST_MS / 1000} s`)));
      sent.on("error", reject);
      sent.end(body);
    });
  }
}

/** The path of an object on the server. */
export function pathOf(object: KubernetesObject): string {
  const plural = PLURALS[object.kind];
  if (!plural) throw new SandboxError(`The sandbox's manifests hold a ${object.kind}, whose path is not known.`);
  const group = object.apiVersion.includes("/") ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`;
  const namespace = object.metadata.namespace ? `/namespaces/${object.metadata.namespace}` : "";
  return `${group}${namespace}/${plural}/${object.metadata.name}`;
}
