import type { Secrets } from "../../internal/http/secrets";
import { CLUSTER_DOMAIN } from "../../istio/clusterDomain";
import { literally } from "../../validation/regex";
import { apart, failuresIn, subsetOf } from "./envoyClusters";
import { numberOf } from "./exposition";
import { countsFinalAnswers, SWITCHING_PROTOCOLS } from "./finalAnswers";
import { isServersFault } from "./grpcStatus";
import { oneOfTexts, quoted, sumOfIncreases } from "./increase";
import { PrometheusApi, type PrometheusServer, type Series } from "./prometheusApi";
import type { MetricsSource, Span, VersionTraffic } from "./source";

/** Which app's metrics are wanted. */
export interface PrometheusArgs extends PrometheusServer {
  /** The app's name, as its Service is called. */
  app: string;
  /** Its namespace. */
  namespace: string;
  /** Its versions' names. */
  versions: readonly string[];
  /** The domain of the cluster's Services. @default "cluster.local" */
  domain?: string;
  /** The port of the Service whose requests are counted. @default those of all ports together */
  port?: number;
}

/** Who says what happened to a request. */
const Reporter = { Source: "source", Destination: "destination" } as const;

/**
 * The metrics that a Prometheus has collected from a mesh's proxies. Istio's standard metrics are used where there are
 * any of the app's versions (`istio_requests_total` by `destination_workload`, which is `APP-VERSION` for CanaryApp's):
 * those of the callers' proxies, or of the versions' own where no caller has one. Otherwise Envoy's counters of each
 * version, as {@link EnvoyCounters} reads them; they alone tell ports apart. What was last scraped before the end of a
 * span is the end: metrics are as old as the interval of the scrapes.
 */
export class Prometheus implements MetricsSource {
  private readonly api: PrometheusApi;

  constructor(
    private readonly args: PrometheusArgs,
    secrets?: Secrets,
  ) {
    this.api = new PrometheusApi(args, secrets);
  }

  get description(): string {
    return `Prometheus at ${this.api.shown}`;
  }

  /** Everything can be asked for later; whether it answers is worth to know at once. */
  async start(signal: AbortSignal): Promise<void> {
    await this.api.query("vector(1)", Date.now(), signal);
  }

  async traffic(span: Span, signal: AbortSignal): Promise<Readonly<Record<string, VersionTraffic>>> {
    const istio = this.args.port === undefined ? await this.istioTraffic(span, signal) : {};
    return Object.keys(istio).length > 0 ? istio : this.envoyTraffic(span, signal);
  }

  async query(query: string, at: number, signal: AbortSignal): Promise<readonly number[]> {
    return (await this.api.query(query, at, signal)).map(({ value }) => value);
  }

  stop(): void {}

  private async istioTraffic(span: Span, signal: AbortSignal): Promise<Record<string, VersionTraffic>> {
    const { app, namespace, versions } = this.args;
    const workloads = new Map(versions.map((version) => [`${app}-${version}`, version]));
    const selector = `destination_workload_namespace=${quoted(namespace)},${oneOfTexts("destination_workload", [...workloads.keys()])}`;
    const labels = ["reporter", "destination_workload"];
    const [requests, durations] = await Promise.all([
      this.api.query(
        sumOfIncreases(
          [...labels, "response_code", "grpc_response_status", "response_flags"],
          `istio_requests_total{${selector}}`,
          span,
        ),
        span.to,
        signal,
      ),
      this.api.query(
        // An upgraded connection's duration is how long it was open.
        sumOfIncreases(
          [...labels, "le"],
          `istio_request_duration_milliseconds_bucket{${selector},response_code!="${SWITCHING_PROTOCOLS}"}`,
          span,
        ),
        span.to,
        signal,
      ),
    ]);
    const reporter = [Reporter.Source, Reporter.Destination].find((each) =>
      requests.some((series) => series.labels.reporter === each),
    );
    const own = ({ labels: { reporter: by, destination_workload: workload } }: Series, version: string) =>
      by === reporter && workloads.get(workload) === version;
    return byVersion(versions, (version) => {
      const counted = requests.filter((series) => own(series, version) && !hungUp(series));
      const known = requests.some((series) => own(series, version));
      return known
        ? trafficWith(
            sum(counted),
            sum(counted.filter(failedByIstio)),
            durations.filter((series) => own(series, version)),
          )
        : undefined;
    });
  }

  private async envoyTraffic(span: Span, signal: AbortSignal): Promise<Record<string, VersionTraffic>> {
    const { app, namespace, versions, domain = CLUSTER_DOMAIN, port } = this.args;
    const host = `${app}.${namespace}.svc.${domain}`;
    const cluster = `cluster_name=~${quoted(`outbound\\|${port ?? "\\d+"}\\|(${versions.map(literally).join("|")})\\|${literally(host)};?`)}`;
    const [requests, grpc, durations] = await Promise.all([
      this.api.query(
        sumOfIncreases(
          ["cluster_name", "response_code_class", "response_code"],
          // Those by class have no code.
          `envoy_cluster_upstream_rq{response_code=~"|${SWITCHING_PROTOCOLS}",${cluster}}`,
          span,
        ),
        span.to,
        signal,
      ),
      this.grpcStatuses(cluster, span, signal),
      this.api.query(
        sumOfIncreases(["cluster_name", "le"], `envoy_cluster_upstream_rq_time_bucket{${cluster}}`, span),
        span.to,
        signal,
      ),
    ]);
    const own = (all: readonly Series[], version: string) =>
      all.filter(({ labels }) => subsetOf(labels.cluster_name ?? "", { host, port }) === version);
    return byVersion(versions, (version) => {
      const [answers, statuses, buckets] = [own(requests, version), own(grpc, version), own(durations, version)];
      if (answers.length === 0 && buckets.length === 0) {
        return undefined;
      }
      const answered = answers.filter(({ labels: { response_code_class: ofClass, response_code: ofCode } }) =>
        countsFinalAnswers({ ofClass, ofCode }),
      );
      const failures = failuresIn({
        requests: sum(answered),
        serverErrors: sum(answered.filter(({ labels }) => labels.response_code_class === "5xx")),
        grpc: sum(statuses),
        grpcFailures: sum(statuses.filter(({ labels }) => isServersFault(labels.status ?? ""))),
      });
      return trafficWith(sum(answered), failures, buckets);
    });
  }
  /**
   * How often each status of gRPC was given. Envoy has a counter of its own for each, and only for those that were:
   * without gRPC, none.
   */
  private async grpcStatuses(cluster: string, span: Span, signal: AbortSignal): Promise<Series[]> {
    const window = Math.max(1, Math.round(span.to - span.from));
    const names = await this.api.query(
      `count by (__name__) (last_over_time({__name__=~"envoy_cluster_grpc_[0-9]+",${cluster}}[${window}ms]))`,
      span.to,
      signal,
    );
    const statuses = names.map(({ labels }) => /\d+$/.exec(labels.__name__ ?? "")?.[0] ?? "");
    const found = await Promise.all(
      statuses.map(async (status) => {
        const series = await this.api.query(
          sumOfIncreases(["cluster_name"], `envoy_cluster_grpc_${status}{${cluster}}`, span),
          span.to,
          signal,
        );
        return series.map(({ labels, value }) => ({ labels: { ...labels, status }, value }));
      }),
    );
    return found.flat();
  }
}

/** Whether nobody waited for the answer: the caller hung up before there was one. */
function hungUp({ labels: { response_code: code, response_flags: flags } }: Series): boolean {
  return code === "0" && /\b(DC|DR|DPE)\b/.test(flags ?? "");
}

/** A 5xx, no answer, or a status of gRPC that is the server's fault. */
function failedByIstio({ labels: { response_code: code, grpc_response_status: status } }: Series): boolean {
  return /^(5|0$)/.test(code ?? "0") || isServersFault(status ?? "");
}

function byVersion(
  versions: readonly string[],
  trafficOf: (version: string) => VersionTraffic | undefined,
): Record<string, VersionTraffic> {
  return Object.fromEntries(
    versions
      .map((version) => [version, trafficOf(version)] as const)
      .flatMap(([version, traffic]) => (traffic === undefined ? [] : [[version, traffic]])),
  );
}

/** In whole requests: what Prometheus extrapolates is none. */
function trafficWith(requests: number, failures: number, buckets: readonly Series[]): VersionTraffic {
  const cumulative = new Map<number, number>();
  for (const { labels, value } of buckets) {
    const upTo = numberOf(labels.le ?? "") ?? NaN;
    cumulative.set(upTo, (cumulative.get(upTo) ?? 0) + Math.round(value));
  }
  const answered = Math.round(requests);
  return {
    requests: answered,
    failures: Math.min(answered, Math.round(failures)),
    durations: apart([...cumulative].map(([upTo, count]) => ({ upTo, count }))),
  };
}

function sum(series: readonly Series[]): number {
  return series.reduce((total, { value }) => total + value, 0);
}
