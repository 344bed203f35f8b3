import type { KubernetesApi } from "../../internal/kubernetes/api";
import type { Inputs } from "../change/resourceChange";

interface ApiResource {
  name: string;
  kind: string;
  namespaced: boolean;
}

/** Reads objects of one cluster as the API server has them. */
export class LiveObjects {
  private readonly kinds = new Map<string, Promise<readonly ApiResource[]>>();

  constructor(
    private readonly api: Pick<KubernetesApi, "json">,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * An object by what a program has of it; undefined if it is not there, or its kind is not.
   *
   * @throws Error if the API server does not say, e.g. for want of a right
   */
  async get({ apiVersion, kind, metadata }: Inputs): Promise<Inputs | undefined> {
    const resource = await this.resourceOf(String(apiVersion), String(kind));
    if (resource === undefined) {
      return undefined;
    }
    const { name, namespaced } = resource;
    const namespace = namespaced ? `/namespaces/${encodeURIComponent(metadata.namespace ?? "default")}` : "";
    return this.read<Inputs>(`${rootOf(String(apiVersion))}${namespace}/${name}/${encodeURIComponent(metadata.name)}`);
  }

  /** All objects of a kind in all namespaces; none if the kind is not there. @throws Error if the API server refuses */
  async list(apiVersion: string, kind: string): Promise<readonly Inputs[]> {
    const resource = await this.resourceOf(apiVersion, kind);
    const list = resource && (await this.read<{ items?: Inputs[] }>(`${rootOf(apiVersion)}/${resource.name}`));
    return list?.items ?? [];
  }

  private async resourceOf(apiVersion: string, kind: string): Promise<ApiResource | undefined> {
    const known =
      this.kinds.get(apiVersion) ??
      this.read<{ resources?: ApiResource[] }>(rootOf(apiVersion)).then((list) => list?.resources ?? []);
    this.kinds.set(apiVersion, known);
    return (await known).find((resource) => resource.kind === kind && !resource.name.includes("/"));
  }

  private async read<T>(path: string): Promise<T | undefined> {
    try {
      return await this.api.json<T>(path, this.signal);
    } catch (error) {
      if (/answered 404/.test((error as Error).message)) {
        return undefined;
      }
      throw error;
    }
  }
}

function rootOf(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}
