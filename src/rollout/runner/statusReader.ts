import { type ClusterReference, KubernetesApi } from "../../internal/kubernetes/api";
import type { NamedCluster } from "../../internal/kubernetes/namedCluster";
import { quantile } from "../gates/histogram";
import { appStateOf, clusterDomainOf } from "../plan/appState";
import { makeSource, type SourceSettings } from "../metrics/settings";
import type { MetricsSource, VersionTraffic } from "../metrics/source";
import type { Weights } from "../weights";
import { inputsOf } from "./inputs";
import type { RolloutOptions } from "./options";
import { secretsOf } from "./secrets";
import { contextOf, type StackContext } from "./stackContext";

/** How one version stands. */
export interface VersionStatus {
  version: string;
  /** The share that the stack's config asks for, in percent. */
  desired: number;
  /** The share of the requests that it answered, in percent; missing where none were seen. */
  actual?: number;
  requests?: number;
  failures?: number;
  /** In ms. */
  p99?: number;
  /**
   * Its pods that are ready, and how many are wanted; missing where the cluster was not asked or has no such
   * Deployment.
   */
  pods?: { ready: number; wanted: number };
}

/** How an app stands. */
export interface AppStatus {
  app: string;
  namespace: string;
  /** The cluster that was asked; missing where it was left out or is not known. */
  cluster?: NamedCluster;
  versions: VersionStatus[];
  /** Of how many seconds the metrics are; Infinity for all since the proxies started, whose shares say nothing of now. */
  seconds: number;
  /** What could not be found out, and why. */
  missing: string[];
  /** How the apps stand that its rollouts name beside it. @default there are none */
  others?: readonly AppStatus[];
}

/** Requests are seldom; a Prometheus has them a while later. */
const LEAST_SPAN_OF_PROMETHEUS_S = 60;
const ASK_MS = 15_000;

/** Which app, and whether the cluster is left out. @default it is queried */
export type StatusReaderOptions = RolloutOptions & { offline?: boolean };

/** Looks at an app again and again: its desired and actual shares, and its pods. Nothing is changed. */
export class StatusReader {
  private constructor(
    private readonly context: StackContext,
    private readonly options: StatusReaderOptions,
    private readonly source: MetricsSource,
    private readonly api: () => Promise<KubernetesApi>,
    private readonly leastSpanMs: number,
  ) {}

  /** Why nothing can be counted. */
  private startTrouble: string | undefined;

  /**
   * Begins to count.
   *
   * @throws ValidationError where the stack's config does not say how its app stands
   */
  static async start(options: StatusReaderOptions): Promise<StatusReader> {
    const reader = await StatusReader.open(options);
    await reader.count();
    return reader;
  }

  /**
   * Reads the config alone; {@link count} begins to count.
   *
   * @throws ValidationError where the stack's config does not say how its app stands
   */
  static async open(options: StatusReaderOptions): Promise<StatusReader> {
    const context = await contextOf(options);
    const { settings, config } = await inputsOf(context, options);
    const { app, namespace, versions } = appStateOf(config, options.appSelection);
    const cluster: Promise<ClusterReference> =
      options.offline === true ? Promise.resolve({}) : context.clusterOf({ app, namespace });
    cluster.catch(() => undefined); // whoever asks it for something says why
    const named = (settings.source ?? {}) as SourceSettings;
    const source =
      options.source ??
      makeSource(
        named,
        {
          app,
          namespace,
          versions,
          domain: clusterDomainOf(config, options.appSelection?.prefix),
          cluster: () => cluster,
        },
        await secretsOf(named, context.project.name, context.cli),
      );
    let api: Promise<KubernetesApi> | undefined;
    return new StatusReader(
      context,
      options,
      source,
      () => (api ??= cluster.then((known) => KubernetesApi.of(known))),
      named.prometheus === undefined ? 0 : LEAST_SPAN_OF_PROMETHEUS_S * 1000,
    );
  }

  /** Begins to count. What keeps it from that is told by {@link look}. */
  async count(): Promise<void> {
    if (this.options.offline !== true) {
      this.startTrouble = await this.source.start(AbortSignal.timeout(ASK_MS)).then(
        () => undefined,
        (error: Error) => error.message,
      );
    }
  }

  /** What is known before anything was counted: the weights, and requests since the proxies started. */
  async first(): Promise<AppStatus> {
    const { app, namespace, versions, weights } = appStateOf(await this.context.config(), this.options.appSelection);
    const traffic = this.source.totals?.() ?? {};
    return {
      app,
      namespace,
      versions: versions.map((version) => {
        const { actual: _, ...known } = versionStatus(version, weights, traffic, undefined);
        return known;
      }),
      seconds: Infinity,
      missing: [],
    };
  }

  /** How it stands now, with the metrics since a time in ms since the epoch. */
  async look(since: number, now = Date.now()): Promise<AppStatus> {
    const config = await this.context.readConfig();
    const { app, namespace, versions, weights } = appStateOf(config, this.options.appSelection);
    const span = { from: Math.min(since, now - this.leastSpanMs), to: now };
    const signal = AbortSignal.timeout(ASK_MS);
    const { offline = false } = this.options;
    const missing = this.startTrouble === undefined ? [] : [`traffic: ${this.startTrouble}`];
    const [cluster, traffic, pods] = await Promise.all([
      !offline
        ? this.api().then(
            (api) => api.named,
            () => undefined,
          )
        : undefined,
      this.startTrouble === undefined && !offline
        ? noting(this.source.traffic(span, signal), missing, "traffic")
        : undefined,
      !offline ? noting(this.pods(app, namespace, signal), missing, "pods") : undefined,
    ]);
    return {
      app,
      namespace,
      ...(cluster && { cluster }),
      versions: versions.map((version) => versionStatus(version, weights, traffic, pods?.[`${app}-${version}`])),
      seconds: (span.to - span.from) / 1000,
      missing,
    };
  }

  /** Gives up connections and timers. */
  stop(): void {
    this.source.stop();
    void this.api().then(
      (api) => api.close(),
      () => undefined,
    );
  }

  private async pods(
    app: string,
    namespace: string,
    signal: AbortSignal,
  ): Promise<Record<string, VersionStatus["pods"]>> {
    const api = await this.api();
    const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/deployments?labelSelector=${encodeURIComponent(`app=${app}`)}`;
    const { items } = await api.json<{
      items: { metadata: { name: string }; spec?: { replicas?: number }; status?: { readyReplicas?: number } }[];
    }>(path, signal);
    return Object.fromEntries(
      items.map(({ metadata, spec, status }) => [
        metadata.name,
        { ready: status?.readyReplicas ?? 0, wanted: spec?.replicas ?? 1 },
      ]),
    );
  }
}

function versionStatus(
  version: string,
  weights: Weights,
  traffic: Readonly<Record<string, VersionTraffic>> | undefined,
  pods: VersionStatus["pods"],
): VersionStatus {
  const all = Object.values(traffic ?? {}).reduce((sum, { requests }) => sum + requests, 0);
  const own = traffic?.[version];
  const p99 = own === undefined ? Number.NaN : quantile(own.durations, 0.99);
  return {
    version,
    desired: weights[version],
    ...(all === 0 ? {} : { actual: (100 * (own?.requests ?? 0)) / all }),
    ...(own === undefined ? {} : { requests: own.requests, failures: own.failures }),
    ...(Number.isFinite(p99) ? { p99 } : {}),
    ...(pods === undefined ? {} : { pods }),
  };
}

async function noting<T>(asked: Promise<T>, missing: string[], what: string): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    missing.push(`${what}: ${(error as Error).message}`);
    return undefined;
  }
}
