import { CLUSTER_DOMAIN } from "../../istio/clusterDomain";
import { INGRESS_NAMESPACE, ingressLabels } from "../../istio/meshDefaults";
import { sharedByMany } from "../../internal/abortSignals";
import { errorMessage } from "../../internal/http/errorMessage";
import { type ClusterReference, KubernetesApi } from "../../internal/kubernetes/api";
import { CounterHistory, type ProxyReading } from "./counterHistory";
import { type CountedService, clusterCounters, trafficOf } from "./envoyClusters";
import { type PodSelection, type ProxyPod, proxyPods } from "./proxyPods";
import { ProxyStats } from "./proxyStats";
import type { MetricsSource, Span, VersionTraffic } from "./source";

/** Where the proxies of an app's callers are, and how often they are read. */
export interface EnvoySettings {
  /**
   * The pods of the gateways through which it is called.
   * @default those that Istio's chart makes: `istio=ingressgateway` in `istio-ingress`
   */
  gateways?: readonly PodSelection[];
  /**
   * Further namespaces with callers inside the mesh; those in the app's own namespace are always counted.
   * @default none
   */
  callers?: readonly string[];
  /** Seconds between two readings, from 0.5 to 300. A span begins with the first reading in it. @default 5 */
  intervalSeconds?: number;
}

/** Which app it is, and where its callers' proxies are. */
export interface EnvoyCountersArgs extends EnvoySettings {
  /** The app's name, as its Service is called. */
  app: string;
  /** Its namespace. */
  namespace: string;
  /** The domain of the cluster's Services. @default "cluster.local" */
  domain?: string;
  /** The port of the Service whose requests are counted. @default those of all ports together */
  port?: number;
  /**
   * Which cluster, or what looks it up: when the first metrics are asked for, and again as long as that fails.
   * @default the current context of the kubeconfig
   */
  cluster?: ClusterReference | (() => Promise<ClusterReference>);
}

/** Where the callers of an app are by default. */
export const DEFAULT_GATEWAYS: readonly PodSelection[] = [{ namespace: INGRESS_NAMESPACE, selector: ingressLabels() }];

export const DEFAULT_INTERVAL_SECONDS = 5;

/** How many proxies are read at the same time. */
const AT_ONCE = 8;

/** How long one reading of all proxies may take. */
const READING_MS = 20_000;

/**
 * The counters that the Envoys of an app's callers keep for each version (the cluster of its DestinationRule's subset),
 * read through the Kubernetes API: nothing has to be installed for it. It takes the rights to list pods, and to get
 * `pods/proxy` or to get and create `pods/portforward`, in the namespaces of the gateway and the callers; and a mesh
 * whose proxies show these counters: IstioMesh sees to that; in another mesh,
 * `meshConfig.defaultConfig.proxyStatsMatcher.inclusionRegexps` (or the annotation `proxy.istio.io/config` of the
 * callers' pods) has to have the expressions of {@link VERSION_COUNTERS}, and pods take it up when they start anew.
 */
export class EnvoyCounters implements MetricsSource {
  private connection: { api: KubernetesApi; stats: ProxyStats } | undefined;
  private isStarted = false;
  private history: CounterHistory | undefined;
  private proxies = 0;
  private timer: NodeJS.Timeout | undefined;
  private reading: Promise<void> | undefined;
  private readonly stopped = new AbortController();
  private readonly counted: CountedService;
  private readonly selections: readonly PodSelection[];
  private readonly intervalMs: number;

  constructor(
    private readonly args: EnvoyCountersArgs,
    private readonly clock: () => number = Date.now,
  ) {
    const {
      app,
      namespace,
      gateways = DEFAULT_GATEWAYS,
      callers = [],
      intervalSeconds = DEFAULT_INTERVAL_SECONDS,
      domain = CLUSTER_DOMAIN,
      port,
    } = args;
    this.counted = { host: `${app}.${namespace}.svc.${domain}`, port };
    this.selections = [...gateways, ...[...new Set([namespace, ...callers])].map((each) => ({ namespace: each }))];
    this.intervalMs = intervalSeconds * 1000;
  }

  get description(): string {
    return this.history === undefined
      ? "Envoy's counters"
      : `Envoy's counters of ${this.proxies} ${this.proxies === 1 ? "proxy" : "proxies"}${this.connection?.stats.isForwarding ? ", read by port-forward" : ""}`;
  }

  async start(signal: AbortSignal): Promise<void> {
    this.isStarted = true;
    try {
      await this.fresh(signal);
    } finally {
      this.readAgain();
    }
  }

  async traffic(span: Span, signal: AbortSignal): Promise<Readonly<Record<string, VersionTraffic>>> {
    if (!this.isStarted) {
      throw new Error("Envoy's counters were read before they were started");
    }
    // A reading that is under way may have begun before the span's end; then it takes one more.
    for (let readings = 0; readings < 2 && (this.history?.latest ?? -Infinity) < span.to; readings++) {
      await this.fresh(signal);
    }
    const counted = this.history?.between(span);
    const traffic = counted === undefined ? {} : trafficOf(counted.from, counted.to);
    if (Object.keys(traffic).length === 0) {
      throw new Error(this.nothingToSee());
    }
    return traffic;
  }

  totals(): Readonly<Record<string, VersionTraffic>> {
    return this.history === undefined ? {} : trafficOf(new Map(), this.history.totals);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.stopped.abort(new Error("Envoy's counters are no longer read"));
    this.connection?.api.close();
  }

  private async connected(): Promise<{ api: KubernetesApi; stats: ProxyStats }> {
    if (this.connection === undefined) {
      const { cluster } = this.args;
      const api = await KubernetesApi.of(typeof cluster === "function" ? await cluster() : cluster);
      this.stopped.signal.throwIfAborted();
      this.connection = { api, stats: new ProxyStats(api) };
    }
    return this.connection;
  }

  /** Reads all proxies now, or waits for the reading that is under way; not longer than the signal lets it. */
  private async fresh(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    let stop = () => {};
    const ended = new Promise<never>((_, reject) =>
      sharedByMany(signal).addEventListener("abort", (stop = () => reject(signal.reason)), { once: true }),
    );
    try {
      await Promise.race([this.reading, ended]);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  private async read(): Promise<void> {
    const { api, stats } = await this.connected();
    const signal = AbortSignal.any([this.stopped.signal, AbortSignal.timeout(READING_MS)]);
    const pods = await proxyPods(api, this.selections, signal);
    const at = this.clock();
    const readings = await inTurns(pods, (pod) => this.readOne(api, stats, pod, signal));
    this.history ??= new CounterHistory(new Set(pods.map(({ life }) => life)));
    this.history.add(
      at,
      readings.flatMap((reading) => reading ?? []),
    );
    this.history.keepOnly(new Set(pods.map(({ life }) => life)));
    this.proxies = pods.length;
  }

  /** What one proxy has counted; nothing from one that comes or goes and does not answer. */
  private async readOne(
    api: KubernetesApi,
    stats: ProxyStats,
    pod: ProxyPod,
    signal: AbortSignal,
  ): Promise<ProxyReading | undefined> {
    const { namespace, name, life, ready } = pod;
    const { host, port = ".*" } = this.counted;
    const filter = encodeURIComponent(`^cluster\\.outbound\\|${port}\\|.*\\|${host.replaceAll(".", "\\.")}`);
    try {
      const text = await stats.text(pod, `/stats/prometheus?filter=${filter}`, signal);
      return { life, counters: clusterCounters(text, this.counted) };
    } catch (error) {
      if ((!ready && !signal.aborted) || (!this.stopped.signal.aborted && (await this.isLeaving(api, life)))) {
        return undefined;
      }
      throw new Error(`cannot read the proxy of pod ${name} in ${namespace}: ${errorMessage(error)}`);
    }
  }

  /** Whether a pod has gone, or is going, since it was listed: what is sent to it then gets no answer at all. */
  private async isLeaving(api: KubernetesApi, life: string): Promise<boolean> {
    const pods = await proxyPods(
      api,
      this.selections,
      AbortSignal.any([this.stopped.signal, AbortSignal.timeout(READING_MS)]),
    );
    return !pods.some((pod) => pod.life === life && pod.ready);
  }

  private readAgain(): void {
    this.timer = setTimeout(() => {
      // What fails here is tried again, and told to whoever asks for metrics meanwhile. They look for the cluster, too.
      const reading = this.connection === undefined ? Promise.resolve() : this.fresh(this.stopped.signal);
      reading.catch(() => undefined).finally(() => this.stopped.signal.aborted || this.readAgain());
    }, this.intervalMs).unref();
  }

  private nothingToSee(): string {
    const ofPort = this.counted.port === undefined ? "" : ` on its port ${this.counted.port}`;
    const where = this.selections.map(({ namespace }) => namespace).join(", ");
    return this.proxies === 0
      ? `no Istio proxies in ${where}: neither the gateway's nor the callers'`
      : `none of the ${this.proxies} proxies in ${where} has counted a request to a version of ${this.counted.host}${ofPort}: either none was sent, or the proxies do not expose these ` +
          "counters. In a mesh that IstioMesh did not install, meshConfig.defaultConfig.proxyStatsMatcher has to include them, and pods pick that up when they restart";
  }
}

/** Works through a list, a few at a time; the outcomes are in the list's order. */
async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const outcomes: R[] = new Array(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      outcomes[index] = await work(items[index]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  return outcomes;
}
